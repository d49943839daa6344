import { realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isInside } from '../engine/ports/view-rules.js';
import { findGitFolder } from './git-folder.js';

const NAME = 'AGENTS.md';
/** Texts for agents, however they are called: no key or configuration is. */
const INSTRUCTIONS = /(?:\.(?:md|mdc|txt|markdown)|rules)$/iu;

/**
 * The AGENTS.md files from the repository's root down to a folder, root first; outside a repository only its own. One that is a
 * link counts as what it leads to, and not at all where that lies outside or is no text for agents: nobody must have the user's files
 * read out by a link, also where the repository is the user's home.
 */
export async function findInstructionFiles(folder: string): Promise<readonly string[]> {
  const root = (await findGitFolder(folder))?.root ?? folder;
  const parts = relative(root, folder).split(sep).filter(Boolean);
  const folders = [root, ...parts.map((_, i) => join(root, ...parts.slice(0, i + 1)))];
  const found = await Promise.all(
    folders.map(async (place) => {
      const path = await inside(root, join(place, NAME));
      const stats = path === null ? null : await stat(path).catch(() => null);
      return path !== null && stats?.isFile() === true ? [path] : [];
    }),
  );
  return found.flat();
}

/** The path, or where it leads to if that is another place in the folder; null when it leads out of it or nowhere. */
async function inside(folder: string, path: string): Promise<string | null> {
  const [root, real] = await Promise.all(
    [folder, path].map((one) => realpath(one).catch(() => null)),
  );
  if (root == null || real == null) return null;
  return INSTRUCTIONS.test(real) && isInside(real, root)
    ? join(folder, relative(root, real))
    : null;
}
