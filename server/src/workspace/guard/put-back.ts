import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileState } from '../../engine/ports/path-guard.js';

/** Copies what stands at a path into a folder, for its user to look at. Answers where. */
export async function keepCopy(root: string, path: string, into: string): Promise<string> {
  const copy = join(into, path);
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  await copyFile(join(root, path), copy);
  await chmod(copy, 0o600);
  return copy;
}

/** Writes a file or link as it was, by rename. */
export async function putBack(
  root: string,
  path: string,
  before: FileState,
  content: Buffer,
): Promise<void> {
  const absolute = join(root, path);
  await mkdir(dirname(absolute), { recursive: true });
  const temp = join(dirname(absolute), `.goald-${randomUUID()}.tmp`);
  try {
    if (before.mode === '120000') await symlink(content, temp);
    else {
      await writeFile(temp, content, { flag: 'wx' });
      await chmod(temp, before.mode === '100755' ? 0o755 : 0o644);
    }
    // An empty folder in its place is what is left of files that took it.
    await rmdir(absolute).catch(() => undefined);
    await rename(temp, absolute);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

/** Removes a file, and the folders it leaves empty that had nothing in them before. */
export async function takeAway(
  root: string,
  path: string,
  hadFiles: (folder: string) => boolean,
): Promise<void> {
  await rm(join(root, path));
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (hadFiles(folder)) return;
    const isGone = await rmdir(join(root, folder)).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
