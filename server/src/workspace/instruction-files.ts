import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { findGitFolder } from './git-folder.js';

const NAME = 'AGENTS.md';

/** The AGENTS.md files from the repository's root down to a folder, root first; outside a repository only its own. */
export async function findInstructionFiles(folder: string): Promise<readonly string[]> {
  const root = (await findGitFolder(folder))?.root ?? folder;
  const parts = relative(root, folder).split(sep).filter(Boolean);
  const folders = [root, ...parts.map((_, i) => join(root, ...parts.slice(0, i + 1)))];
  const found = await Promise.all(
    folders.map(async (place) => {
      const path = join(place, NAME);
      const stats = await stat(path).catch(() => null);
      return stats?.isFile() === true ? [path] : [];
    }),
  );
  return found.flat();
}
