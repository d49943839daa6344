import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isInside } from '../../engine/ports/view-rules.js';

/** A folder that may not be written has a shape that no sandbox can protect. */
export class UnprotectableError extends Error {
  override readonly name = 'UnprotectableError';
}

export type PlaceKind = 'missing' | 'folder' | 'file' | 'link' | 'other';

export function kindOf(path: string): PlaceKind {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'missing';
  if (found.isSymbolicLink()) return 'link';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'other';
}

const MOST_FOLDERS = 4000;
const MOST_NESTED = 100;
const DEEPEST = 6;

/**
 * Looks for the repositories below a folder, its own aside: the folders with a `.git`. Stops at each folder that it looked into; looks
 * into the upper levels only, and not into packages.
 */
export function* searchNested(root: string): Generator<undefined, readonly string[]> {
  const found: string[] = [];
  let level = [root];
  let looked = 0;
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      looked += 1;
      if (looked > MOST_FOLDERS || found.length >= MOST_NESTED) return found;
      for (const entry of entriesOf(folder)) {
        if (entry.name === '.git') {
          if (folder !== root) found.push(folder);
        } else if (entry.isDirectory() && entry.name !== 'node_modules') {
          next.push(join(folder, entry.name));
        }
      }
      yield;
    }
    level = next;
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The root of the repository a folder lies in, or null. */
export function repositoryRoot(folder: string): string | null {
  for (let place = folder; dirname(place) !== place; place = dirname(place)) {
    const kind = kindOf(join(place, '.git'));
    if (kind === 'file') return place;
    if (kind !== 'missing' && kindOf(join(place, '.git', 'HEAD')) !== 'missing') return place;
  }
  return null;
}

/**
 * The folders outside of a linked work tree or a submodule in which git keeps its things. Only those that name the work tree in turn:
 * what a `.git` file says could be any folder of the user's.
 */
export function linkedGitFolders(root: string): readonly string[] {
  const dotGit = join(root, '.git');
  if (kindOf(dotGit) !== 'file') return [];
  try {
    const target = /^gitdir: (.*)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]?.trim();
    if (target === undefined) return [];
    const gitDir = realpathSync(resolve(root, target));
    const back = readFileSync(join(gitDir, 'gitdir'), 'utf8').trim();
    if (realpathSync(back) !== realpathSync(dotGit)) return [];
    const common = realpathSync(
      resolve(gitDir, readFileSync(join(gitDir, 'commondir'), 'utf8').trim()),
    );
    return isInside(gitDir, common) && kindOf(join(common, 'HEAD')) === 'file' ? [common] : [];
  } catch {
    return [];
  }
}
