import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileState } from '../../engine/ports/path-guard.js';
import { fileBlobId } from '../blob-id.js';

export interface FoundFile {
  readonly state: FileState;
  readonly size: number;
  readonly ctimeMs: number;
}

/** A file or symlink as it stands; null when there is none, or a folder. Throws when it cannot be read. */
export async function fileAt(root: string, path: string): Promise<FoundFile | null> {
  const absolute = join(root, path);
  const stats = await lstat(absolute).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  });
  if (stats === null || !(stats.isFile() || stats.isSymbolicLink())) return null;
  const isLink = stats.isSymbolicLink();
  const mode = isLink ? '120000' : (stats.mode & 0o100) === 0 ? '100644' : '100755';
  const oid = await fileBlobId(absolute, isLink, stats.size);
  return { state: { mode, oid }, size: stats.size, ctimeMs: stats.ctimeMs };
}

export function sameState(one: FileState | null, other: FileState | null): boolean {
  if (one === null || other === null) return one === other;
  return one.mode === other.mode && one.oid === other.oid;
}

/** Whether the folders on the way to a path, as far as they are there, are folders and no links that lead elsewhere. */
export async function isPlainWay(root: string, path: string): Promise<boolean> {
  for (let folder = dirname(join(root, path)); folder.length > root.length;) {
    const real = await realpath(folder).catch(() => null);
    if (real !== null) {
      return real === folder && (await lstat(folder)).isDirectory();
    }
    if ((await lstat(folder).catch(() => null)) !== null) return false;
    folder = dirname(folder);
  }
  return true;
}
