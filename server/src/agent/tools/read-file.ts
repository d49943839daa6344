import { resolve } from 'node:path';
import * as z from 'zod';
import type { OutputFiles } from './output-files.js';
import { isBinaryFile, readTextWindow } from './text-lines.js';
import { openSeen, type View, type ViewOf } from './seen-files.js';
import { ToolError } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

const DEFAULT_LINES = 2000;
const MAX_LINE_CHARS = 2000;

const schema = z.strictObject({
  path: z.string().min(1),
  offset: z.int().min(1).optional().describe('first line, from 1'),
  limit: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(`lines, default ${String(DEFAULT_LINES)}`),
});
type ReadFileArguments = z.output<typeof schema>;

async function read(
  args: ReadFileArguments,
  { cwd, signal, view }: { cwd: string; signal: AbortSignal; view: View },
): Promise<string> {
  await using seen = await openSeen(view, resolve(cwd, args.path));
  if (seen === null) {
    const hidden = view === null ? '' : ', or the sandbox hides it';
    throw new ToolError(`read_file: ${args.path} does not exist${hidden}.`);
  }
  const { path } = seen;
  const found = await seen.handle.stat();
  if (found.isDirectory()) {
    throw new ToolError(`read_file: ${args.path} is a folder. Use list_files.`);
  }
  if (!found.isFile()) throw new ToolError(`read_file: ${args.path} is not a regular file.`);
  if (await isBinaryFile(path)) {
    throw new ToolError(`read_file: ${args.path} is binary (${String(found.size)} bytes).`);
  }
  const offset = args.offset ?? 1;
  const window = await readTextWindow(path, {
    offset,
    limit: args.limit ?? DEFAULT_LINES,
    maxLineChars: MAX_LINE_CHARS,
    signal,
  });
  const total = String(window.totalLines);
  if (window.totalLines === 0) return `[${args.path}: empty file]`;
  if (window.lines.length === 0) {
    throw new ToolError(
      `read_file: offset ${String(offset)} is past the end; ${args.path} has ${total} lines.`,
    );
  }
  const last = String(offset + window.lines.length - 1);
  return `[${args.path}: lines ${String(offset)}-${last} of ${total}]\n${window.lines.join('\n')}`;
}

/** `read_file`: a window of lines under a header that says which, of how many. */
export function readFileTool(outputs: OutputFiles, viewOf: ViewOf): Tool {
  return defineTool(
    {
      name: 'read_file',
      description: 'Read a text file.',
      schema,
      readOnly: true,
      run: async (args, context) => ({
        output: await read(args, {
          cwd: context.cwd,
          signal: context.signal,
          view: viewOf(context.confinement),
        }),
        success: true,
      }),
    },
    outputs,
  );
}
