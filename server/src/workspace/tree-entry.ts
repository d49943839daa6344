import { createHash } from 'node:crypto';

/** Git's modes, and one for what cannot be read. */
export type TreeMode = '100644' | '100755' | '120000' | '160000' | '000000';

/** One file of a tree; a repository within it counts as one entry (160000) with its HEAD as id. */
export interface TreeEntry {
  /** From the scanned folder, with `/`. */
  readonly path: string;
  readonly mode: TreeMode;
  /** Git's blob id of the content. */
  readonly oid: string;
}

/** A folder as a scan found it. */
export interface ScannedTree {
  readonly id: string;
  /** In the order of paths. */
  readonly entries: readonly TreeEntry[];
}

/** Names a set of entries: equal ids mean equal paths, modes and contents. */
export function toTree(found: readonly TreeEntry[]): ScannedTree {
  const entries = [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash('sha256');
  for (const { path, mode, oid } of entries) hash.update(`${mode} ${oid} ${path}\0`);
  return { id: hash.digest('hex'), entries };
}
