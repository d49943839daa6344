import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { ProtocolError } from '@goald/protocol';

/**
 * The root of the repository that a folder lies in, without symbolic links; the folder itself outside of one. A linked work tree is
 * a root of its own: what its `.git` file names could be any repository of the user's. A folder that is gone is its own root.
 */
export function projectRoot(folder: string): string {
  const start = realPath(folder);
  for (let place = start; ; place = dirname(place)) {
    if (isWorkTree(place)) return place;
    if (dirname(place) === place) return start;
  }
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return normalize(folder).replace(/(?<=.)\/$/, '');
  }
}

function isWorkTree(folder: string): boolean {
  const dotGit = join(folder, '.git');
  try {
    const found = statSync(dotGit, { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (found.isFile()) return /^gitdir: /m.test(readFileSync(dotGit, 'utf8'));
    return statSync(join(dotGit, 'HEAD'), { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Not to be looked at: a parent that is no folder, or is not ours.
    return false;
  }
}

/** The absolute path of a folder that is there. Throws invalid_params. */
export function checkedFolder(path: string): string {
  if (isAbsolute(path)) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return path;
  }
  const message = isAbsolute(path)
    ? `There is no folder ${path}.`
    : `path must be an absolute path, not ${path}.`;
  throw new ProtocolError('invalid_params', message, { issues: [{ path: ['path'], message }] });
}
