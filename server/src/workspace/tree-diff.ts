import type { DiffStat } from '@goald/protocol';
import type { WorkspaceDiff } from '../engine/ports/workspace.js';
import type { FileSide } from './file-diff.js';
import type { TreeEntry } from './tree-entry.js';

/** What is shown of a difference at most, in characters. */
const MAX_DIFF_CHARS = 4 * 1024 * 1024;

/** Reads one side of a file. */
export type ContentReader = (entry: TreeEntry) => Promise<Buffer | null>;

/** One path of two trees; null where it is not there. */
export type Pair = readonly [before: TreeEntry | null, after: TreeEntry | null];

/** The paths in which two trees differ, in order. */
export function changedPaths(
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): readonly (readonly [string, Pair])[] {
  const pairs = new Map<string, Pair>(before.map((entry) => [entry.path, [entry, null]]));
  for (const entry of after) {
    const old = pairs.get(entry.path)?.[0] ?? null;
    if (old?.oid === entry.oid && old.mode === entry.mode) pairs.delete(entry.path);
    else pairs.set(entry.path, [old, entry]);
  }
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function side(entry: TreeEntry | null, read: ContentReader): Promise<FileSide | null> {
  return entry && { entry, content: await read(entry) };
}

/** The difference of two trees. Past a few million characters files are only listed. */
export async function treeDiff(
  before: { readonly entries: readonly TreeEntry[]; readonly read: ContentReader },
  after: { readonly entries: readonly TreeEntry[]; readonly read: ContentReader },
): Promise<WorkspaceDiff> {
  const { fileDiff } = await import('./file-diff.js');
  const files: DiffStat['files'] = [];
  const texts: string[] = [];
  let chars = 0;
  let listedOnly = 0;
  for (const [path, [oldEntry, newEntry]] of changedPaths(before.entries, after.entries)) {
    const kind = oldEntry === null ? 'added' : newEntry === null ? 'deleted' : 'modified';
    if (chars > MAX_DIFF_CHARS) {
      listedOnly += 1;
      files.push({ path, kind, insertions: 0, deletions: 0 });
      continue;
    }
    const diff = fileDiff(
      path,
      await side(oldEntry, before.read),
      await side(newEntry, after.read),
    );
    const { insertions, deletions } = diff;
    files.push({ path, kind, insertions, deletions });
    texts.push(diff.text);
    chars += diff.text.length;
  }
  if (listedOnly > 0) texts.push(`… ${String(listedOnly)} more changed files are not shown.\n`);
  const sum = (field: 'insertions' | 'deletions'): number =>
    files.reduce((total, file) => total + file[field], 0);
  const stat = {
    filesChanged: files.length,
    insertions: sum('insertions'),
    deletions: sum('deletions'),
    files,
  };
  return { stat, diff: texts.join('') };
}
