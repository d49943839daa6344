import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { CommandResult, CommandRunner } from '../../engine/ports/commands.js';
import type { ToolResult } from '../../engine/ports/tools.js';
import type { ItemOfThread, OutputFiles } from './output-files.js';
import { openSeen, type View, type ViewOf } from './seen-files.js';
import { startInBackground } from './shell-background.js';
import { ToolError } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

/** Room for the line above the output. */
const HEADER_TOKENS = 60;
const MAX_TIMEOUT_MS = 7_200_000;

const schema = z.strictObject({
  command: z.string().min(1),
  workdir: z.string().min(1).optional().describe('default: the working folder'),
  timeout_ms: z.int().min(1).max(MAX_TIMEOUT_MS).optional(),
  background: z
    .boolean()
    .optional()
    .describe('for what takes minutes: it runs on beside your turns'),
});

async function requireFolder(path: string, view: View): Promise<void> {
  await using seen = await openSeen(view, path);
  const found = seen === null ? null : await seen.handle.stat();
  if (found === null) throw new ToolError(`shell: the folder ${path} does not exist.`);
  if (!found.isDirectory()) throw new ToolError(`shell: ${path} is a file, not a folder.`);
}

// Whole seconds: the same call with the same output shall read the same.
function duration(ms: number): string {
  return ms < 1000 ? 'under 1 s' : `${String(Math.round(ms / 1000))} s`;
}

function ending(result: CommandResult, timeoutMs: number): string {
  if (result.timedOut) {
    return `timed out after ${String(timeoutMs)} ms; the command and its processes were ended`;
  }
  if (result.aborted) return 'stopped; the command and its processes were ended';
  if (result.exitCode === null) return `ended by ${result.signal ?? 'a signal'}`;
  return `exit code ${String(result.exitCode)}`;
}

async function render(
  result: CommandResult,
  item: ItemOfThread,
  timeoutMs: number,
  outputs: OutputFiles,
): Promise<ToolResult> {
  const cut = outputs.cutOnly(item, result.output, HEADER_TOKENS);
  let shown = cut ?? result.output;
  if (cut === null && result.outputTruncated) {
    shown += `\n[full output: ${outputs.path(item)}]`;
  }
  if (cut === null && !result.outputTruncated) await rm(outputs.path(item), { force: true });
  const header = `${ending(result, timeoutMs)}, ${duration(result.durationMs)}`;
  const { exitCode, durationMs, processId } = result;
  return {
    output: `${header}\n${shown === '' ? '(no output)' : shown}`,
    success: exitCode === 0,
    command: { exitCode, output: shown, durationMs, processId },
  };
}

/** `shell`: runs a command in the goal's folder. On abort it answers the output so far instead of rejecting. */
export function shellTool(options: {
  commands: CommandRunner;
  outputs: OutputFiles;
  viewOf: ViewOf;
  /** For calls that name no timeout, in milliseconds. */
  defaultTimeoutMs: number;
}): Tool {
  const { commands, outputs, viewOf, defaultTimeoutMs } = options;
  return defineTool(
    {
      name: 'shell',
      description:
        'Run a bash command. No terminal, no stdin. Answers exit code, duration, stdout and stderr.',
      schema,
      readOnly: false,
      display: (args, cwd) => ({
        kind: 'command',
        command: args.command,
        cwd: resolve(cwd, args.workdir ?? '.'),
      }),
      run: async (args, context) => {
        const cwd = resolve(context.cwd, args.workdir ?? '.');
        await requireFolder(cwd, viewOf(context.confinement));
        if (args.background === true) {
          const { command, timeout_ms: timeoutMs = null } = args;
          return startInBackground({ command, cwd, timeoutMs }, context);
        }
        const timeoutMs = args.timeout_ms ?? defaultTimeoutMs;
        const result = await commands.run({
          command: args.command,
          cwd,
          turnId: context.turnId,
          timeoutMs,
          confinement: context.confinement,
          signal: context.signal,
          onOutput: context.onOutput,
          outputFile: outputs.path(context),
        });
        return render(result, context, timeoutMs, outputs);
      },
    },
    outputs,
  );
}
