import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { PatchError } from './patch-parser.js';
import { errorCode } from './tool-error.js';

export interface PatchPath {
  /** Where the file really is. */
  readonly absolute: string;
  /** From the goal's folder, with `/`. */
  readonly display: string;
}

/** The path from `folder` when it lies in it, else null. */
function inside(folder: string, path: string): string | null {
  const found = relative(folder, path);
  const leaves = found === '..' || found.startsWith(`..${sep}`) || isAbsolute(found);
  return leaves ? null : found;
}

async function realOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    if (errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** The real path of a folder that may not exist yet: the real path of what exists, and the rest. */
async function realFolder(folder: string): Promise<string> {
  const real = await realOrNull(folder);
  if (real !== null || dirname(folder) === folder) return real ?? folder;
  return join(await realFolder(dirname(folder)), basename(folder));
}

/**
 * Where a path of a patch leads, with symlinks on the way followed. Throws PatchError when that is outside `cwd`.
 * `followLast` false leaves a symlink in the last place as it is, as for deleting it.
 */
export async function resolvePatchPath(
  cwd: string,
  path: string,
  followLast: boolean,
): Promise<PatchPath> {
  const leaves = new PatchError(
    `${path}: this path leads out of the folder of the goal. Use a path in it, relative to ${cwd}.`,
  );
  if (path.includes('\0')) throw new PatchError(`${path}: not a valid path.`);
  const root = await realpath(cwd);
  const absolute = resolve(cwd, path);
  const display = inside(cwd, absolute) ?? inside(root, absolute);
  if (display === null) throw leaves;
  if (display === '' || path.endsWith('/')) {
    throw new PatchError(`${path}: this is a folder, not a file.`);
  }
  const folder = await realFolder(dirname(resolve(root, display)));
  if (inside(root, folder) === null) throw leaves;
  const named = {
    absolute: join(folder, basename(absolute)),
    display: display.replaceAll(sep, '/'),
  };
  const found = await lstat(named.absolute).catch(() => null);
  if (!followLast || found?.isSymbolicLink() !== true) return named;
  const target = await realOrNull(named.absolute);
  if (target === null) throw new PatchError(`${path}: this symlink points to nothing.`);
  if (inside(root, target) === null) throw leaves;
  return { ...named, absolute: target };
}
