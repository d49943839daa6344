import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isShown } from '../../engine/ports/view-rules.js';
import { walkFolder, type WalkEntry } from './folder-walk.js';
import type { OutputFiles } from './output-files.js';
import { openSeen, type View, type ViewOf } from './seen-files.js';
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

async function list(
  root: string,
  depth: number,
  { signal, view }: { signal: AbortSignal; view: View },
): Promise<string> {
  const shown: WalkEntry[] = [];
  let total = 0;
  for await (const entry of walkFolder(root, depth)) {
    signal.throwIfAborted();
    if (view !== null && !isShown(view, join(root, entry.path))) continue;
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
export function listFilesTool(outputs: OutputFiles, viewOf: ViewOf): Tool {
  return defineTool(
    {
      name: 'list_files',
      description: 'List a folder, without what git ignores.',
      schema,
      readOnly: true,
      run: async (args, context) => {
        const view = viewOf(context.confinement);
        const root = resolve(context.cwd, args.path);
        await using seen = await openSeen(view, root);
        if (seen === null) throw new ToolError(`list_files: ${args.path} does not exist.`);
        const found = await seen.handle.stat();
        if (!found.isDirectory()) throw new ToolError(`list_files: ${args.path} is a file.`);
        return {
          output: await list(view === null ? root : seen.real, args.depth ?? DEFAULT_DEPTH, {
            signal: context.signal,
            view,
          }),
          success: true,
        };
      },
    },
    outputs,
  );
}
