import { dirname, relative, resolve, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { OutputFiles } from './output-files.js';
import type { SearchJob, SearchMatch, SearchReport } from './search-protocol.js';
import { openSeen, type View, type ViewOf } from './seen-files.js';
import { ToolError } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

const MAX_MATCHES = 200;
const TIMEOUT_MS = 10_000;
const MAX_HEAP_MB = 512;

const schema = z.strictObject({
  pattern: z.string().min(1).describe('JavaScript regular expression, matched line by line'),
  path: z.string().min(1).optional().describe('file or folder, default: the working folder'),
  glob: z.string().min(1).optional().describe('which files, e.g. *.ts or src/**'),
});
type SearchArguments = z.output<typeof schema>;

interface SearchOutcome {
  readonly matches: readonly SearchMatch[];
  /** null when time ran out. */
  readonly done: Extract<SearchReport, { kind: 'done' }> | null;
}

/** The pattern as a regular expression, or as plain text where it is none. Inline flags of other dialects count. */
function compile(pattern: string): { source: string; flags: string; isLiteral: boolean } {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const source = inline === null ? pattern : pattern.slice(inline[0].length);
  const flags = inline?.[1]?.includes('i') === true ? 'i' : '';
  try {
    new RegExp(source, flags);
    return { source, flags, isLiteral: false };
  } catch {
    return { source: pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), flags: '', isLiteral: true };
  }
}

/** A worker, because a regular expression that runs away can only be ended from outside. */
async function runWorker(
  job: SearchJob,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SearchOutcome> {
  signal.throwIfAborted();
  return new Promise((fulfil, reject) => {
    const matches: SearchMatch[] = [];
    const worker = new Worker(new URL('./search-worker.js', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      worker.removeAllListeners('error');
      worker.on('error', () => undefined);
      void worker.terminate().finally(settle);
    };
    const onAbort = (): void => {
      finish(() => {
        reject(new ToolError('search: stopped.'));
      });
    };
    const timer = setTimeout(() => {
      finish(() => {
        fulfil({ matches, done: null });
      });
    }, timeoutMs);
    signal.addEventListener('abort', onAbort);
    worker.on('message', (report: SearchReport) => {
      if (report.kind === 'matches') {
        matches.push(...report.matches);
      } else {
        finish(() => {
          fulfil({ matches, done: report });
        });
      }
    });
    worker.on('error', (error) => {
      finish(() => {
        reject(error);
      });
    });
  });
}

function render(outcome: SearchOutcome, isLiteral: boolean, timeoutMs: number): string {
  const shown = outcome.matches.slice(0, MAX_MATCHES);
  const lines = shown.map((match) => `${match.path}:${String(match.line)}: ${match.text}`);
  if (isLiteral) lines.unshift('[not a valid regular expression: searched for it as plain text]');
  const { done } = outcome;
  if (done === null) {
    lines.push(
      `[stopped after ${String(timeoutMs / 1000)} s, not all files were searched; use a simpler pattern, a path or a glob]`,
    );
  } else {
    if (shown.length === 0) lines.push(`No matches in ${String(done.files)} files.`);
    if (done.isFull) {
      lines.push(`[only the first ${String(MAX_MATCHES)} matches; narrow it with path or glob]`);
    }
    if (done.skippedLarge > 0) {
      lines.push(`[${String(done.skippedLarge)} files over 5 MiB not searched]`);
    }
  }
  return lines.join('\n');
}

async function search(
  args: SearchArguments,
  {
    cwd,
    timeoutMs,
    signal,
    view,
  }: { cwd: string; timeoutMs: number; signal: AbortSignal; view: View },
): Promise<string> {
  const named = resolve(cwd, args.path ?? '.');
  await using seen = await openSeen(view, named);
  const root = view === null ? named : (seen?.real ?? named);
  const found = seen === null ? null : await seen.handle.stat();
  if (found === null) throw new ToolError(`search: ${args.path ?? root} does not exist.`);
  const folder = found.isDirectory() ? named : dirname(named);
  const fromCwd = relative(cwd, folder).split(sep).join('/');
  const { source, flags, isLiteral } = compile(args.pattern);
  const outcome = await runWorker(
    {
      root,
      prefix: fromCwd === '' ? '' : `${fromCwd}/`,
      isFile: !found.isDirectory(),
      source,
      flags,
      glob: args.glob ?? null,
      maxMatches: MAX_MATCHES,
      view,
    },
    timeoutMs,
    signal,
  );
  return render(outcome, isLiteral, timeoutMs);
}

/** `search`: lines that match a regular expression, as `path:line: text`. After `timeoutMs` it answers what it has. */
export function searchTool(outputs: OutputFiles, viewOf: ViewOf, timeoutMs = TIMEOUT_MS): Tool {
  return defineTool(
    {
      name: 'search',
      description: 'Search text files for a regular expression, without what git ignores.',
      schema,
      readOnly: true,
      run: async (args, context) => ({
        output: await search(args, {
          cwd: context.cwd,
          timeoutMs,
          signal: context.signal,
          view: viewOf(context.confinement),
        }),
        success: true,
      }),
    },
    outputs,
  );
}
