import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { walkFolder, type WalkEntry } from './folder-walk.js';
import type { OutputFiles } from './output-files.js';
import { ToolError } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

const DEFAULT_DEPTH = 2;
const MAX_SHOWN = 500;
/** Counting what is left out stops here. */
const MAX_COUNTED = 50_000;

const schema = z.strictObject({
  path: z.string().min(1),
  depth: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe(`default ${String(DEFAULT_DEPTH)}`),
});

/** Folders before files at each level, the content of a folder right after it. */
function inTreeOrder(entries: readonly WalkEntry[]): readonly WalkEntry[] {
  const folders = new Set(
    entries.filter((entry) => entry.kind === 'folder').map((entry) => entry.path),
  );
  // A folder sorts before a file at the same place, and its own line before its content.
  const keyOf = (path: string): string[] =>
    path.split('/').map((name, i, parts) => {
      const isFolder = i < parts.length - 1 || folders.has(path);
      return (isFolder ? '0' : '1') + name;
    });
  return entries
    .map((entry) => ({ entry, key: keyOf(entry.path).join('\0') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ entry }) => entry);
}

async function list(root: string, depth: number, signal: AbortSignal): Promise<string> {
  const shown: WalkEntry[] = [];
  let total = 0;
  for await (const entry of walkFolder(root, depth)) {
    signal.throwIfAborted();
    if (shown.length < MAX_SHOWN) shown.push(entry);
    total += 1;
    if (total >= MAX_COUNTED) break;
  }
  if (total === 0) return '(empty, or everything in it is ignored by git)';
  const lines = inTreeOrder(shown).map(
    ({ path, kind }) => path + (kind === 'folder' ? '/' : kind === 'link' ? '@' : ''),
  );
  const left = total - shown.length;
  const atLeast = total >= MAX_COUNTED ? 'at least ' : '';
  if (left > 0) lines.push(`… ${atLeast}${String(left)} more left out; list a subfolder.`);
  return lines.join('\n');
}

/** `list_files`: what git does not ignore, folders first with a trailing `/`, symlinks with `@`. */
export function listFilesTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'list_files',
      description: 'List a folder, without what git ignores.',
      schema,
      readOnly: true,
      run: async (args, context) => {
        const root = resolve(context.cwd, args.path);
        const found = await stat(root).catch(() => null);
        if (found === null) throw new ToolError(`list_files: ${args.path} does not exist.`);
        if (!found.isDirectory()) throw new ToolError(`list_files: ${args.path} is a file.`);
        return {
          output: await list(root, args.depth ?? DEFAULT_DEPTH, context.signal),
          success: true,
        };
      },
    },
    outputs,
  );
}
