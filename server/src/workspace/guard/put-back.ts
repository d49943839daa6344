import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, open, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileState } from '../../engine/ports/path-guard.js';
import { openedPath, openPlain } from '../plain-file.js';
import { holdFolder } from './held-folder.js';

/** Copies what stands at a path into a folder, for its user to look at. Answers where. */
export async function keepCopy(root: string, path: string, into: string): Promise<string> {
  const copy = join(into, path);
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  const absolute = join(root, path);
  await using file = await openPlain(absolute);
  await copyFile(openedPath(file, absolute), copy);
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
  await using folder = await holdFolder(root, dirname(path), { makes: true });
  const place = join(folder.path, basename(path));
  const temp = join(folder.path, `.goald-${randomUUID()}.tmp`);
  try {
    if (before.mode === '120000') await symlink(content, temp);
    else {
      await using file = await open(temp, 'wx');
      await file.writeFile(content);
      await file.chmod(before.mode === '100755' ? 0o755 : 0o644);
    }
    // An empty folder in its place is what is left of files that took it.
    await rmdir(place).catch(() => undefined);
    await rename(temp, place);
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
  await using held = await holdFolder(root, dirname(path), { makes: false });
  await rm(join(held.path, basename(path)));
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (hadFiles(folder)) return;
    await using above = await holdFolder(root, dirname(folder), { makes: false });
    const isGone = await rmdir(join(above.path, basename(folder))).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
