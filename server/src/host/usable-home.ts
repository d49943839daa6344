import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it lies on a read-only file system',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a file stands in its place',
  ENOENT: 'the disk it should lie on is not there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'files there may not grow',
  EIO: 'the disk does not answer',
  ENODEV: 'the disk it should lie on is not there',
  ELOOP: 'its path has a loop of links',
  ENAMETOOLONG: 'its path is too long',
};

/** The folder a daemon should keep its things in cannot be used; the message says why and what to do. */
export class HomeUnusableError extends Error {
  override readonly name = 'HomeUnusableError';

  constructor(folder: string, cause: unknown) {
    super(
      `goald cannot use its folder ${folder}: ${reasonOf(cause)}. ` +
        'Put that right, or choose another folder with --home DIR or GOALD_HOME.',
      { cause },
    );
  }
}

/** Makes sure that files can be written in each of these absolute folders; made with mode 0700. Throws HomeUnusableError. */
export function assertUsableHome(folders: readonly string[]): void {
  for (const folder of new Set(folders)) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const probe = join(folder, `.probe-${String(process.pid)}`);
      try {
        writeFileSync(probe, 'x', { mode: 0o600 });
      } finally {
        rmSync(probe, { force: true });
      }
    } catch (error) {
      throw new HomeUnusableError(folder, error);
    }
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WHY[code] ?? (error instanceof Error ? error.message : String(error));
}
