import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import picomatch from 'picomatch';
import * as z from 'zod';
import { walkFolder } from './folder-walk.js';
import type { SearchJob, SearchMatch, SearchReport } from './search-protocol.js';
import { openShown } from './seen-files.js';
import { cutLine } from './text-lines.js';

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_LINE_CHARS = 300;
const SNIFF_BYTES = 8000;

const jobSchema: z.ZodType<SearchJob> = z.object({
  root: z.string(),
  prefix: z.string(),
  isFile: z.boolean(),
  source: z.string(),
  flags: z.string(),
  glob: z.string().nullable(),
  maxMatches: z.number(),
  view: z.custom<SearchJob['view']>((value) => value === null || Array.isArray(value)),
});

async function* filesOf(job: SearchJob): AsyncGenerator<{ path: string; absolute: string }> {
  if (job.isFile) {
    yield { path: '', absolute: job.root };
    return;
  }
  const isWanted =
    job.glob === null
      ? () => true
      : picomatch(job.glob.replace(/^\.\//, ''), { dot: true, basename: !job.glob.includes('/') });
  for await (const entry of walkFolder(job.root)) {
    if (entry.kind !== 'file') continue;
    // A glob may be meant from the searched folder or from the goal's.
    if (!isWanted(entry.path) && !isWanted(job.prefix + entry.path)) continue;
    yield { path: entry.path, absolute: join(job.root, entry.path) };
  }
}

function matchesIn(text: string, path: string, pattern: RegExp, max: number): SearchMatch[] {
  const matches: SearchMatch[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (!pattern.test(line)) continue;
    matches.push({ path, line: index + 1, text: cutLine(line, MAX_LINE_CHARS) });
    if (matches.length === max) break;
  }
  return matches;
}

async function search(job: SearchJob, tell: (report: SearchReport) => void): Promise<void> {
  const pattern = new RegExp(job.source, job.flags);
  let files = 0;
  let skippedLarge = 0;
  let left = job.maxMatches + 1;
  for await (const { path, absolute } of filesOf(job)) {
    // Opened first and looked at then: a command that still runs may put a link in the place of a file.
    await using seen = await openShown(job.view, absolute).catch(() => null);
    const found = await seen?.handle.stat();
    if (seen == null || found?.isFile() !== true) continue;
    if (found.size > MAX_FILE_BYTES) {
      skippedLarge += 1;
      continue;
    }
    const bytes = await seen.handle.readFile().catch(() => null);
    if (bytes === null || bytes.subarray(0, SNIFF_BYTES).includes(0)) continue;
    files += 1;
    const shown = job.prefix + (path === '' ? basename(absolute) : path);
    const matches = matchesIn(bytes.toString('utf8'), shown, pattern, left);
    if (matches.length > 0) tell({ kind: 'matches', matches });
    left -= matches.length;
    if (left === 0) break;
  }
  tell({ kind: 'done', files, skippedLarge, isFull: left === 0 });
}

const port = parentPort;
if (port !== null) {
  await search(jobSchema.parse(workerData), (report) => {
    port.postMessage(report);
  });
}
