import { constants } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';

/** A pipe that nobody writes must not hold the daemon, and a link in the last place is not followed. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const HAS_PROC = process.platform === 'linux';

/**
 * Opens the file at an absolute path without symbolic links. Rejects when something else stands there by now, or when a folder on the
 * way has been replaced: commands may run while the daemon looks, and where a link leads is not theirs to choose.
 */
export async function openPlain(path: string): Promise<FileHandle> {
  const file = await open(path, READ);
  try {
    const real = HAS_PROC ? await readlink(openedPath(file, path)) : await realpath(path);
    if (real !== path || !(await file.stat()).isFile()) throw new Error(`${path} was replaced`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text of a file, links followed; null where there is none, or no file: a pipe that nobody writes must not hold the daemon. */
export async function readIfFile(path: string): Promise<string | null> {
  return (await bytesIfFile(path))?.toString('utf8') ?? null;
}

/** The same, as it stands. */
export async function bytesIfFile(path: string): Promise<Buffer | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return (await file.stat()).isFile() ? await file.readFile() : null;
  } catch {
    return null;
  }
}

/** Leads to an open file whatever happens to its path; on systems without /proc its path. */
export function openedPath(file: FileHandle, path: string): string {
  return HAS_PROC ? `/proc/self/fd/${String(file.fd)}` : path;
}
