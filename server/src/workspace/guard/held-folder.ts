import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { openedPath } from '../plain-file.js';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder that is held open: what is done in it is done there, also when a link has taken its place since. */
export interface HeldFolder extends AsyncDisposable {
  /** Leads into the folder. */
  readonly path: string;
}

/**
 * Opens a folder below a root one by one, none of them a link. `makes`: those that are missing are made. Rejects when one is something
 * else, or missing.
 */
export async function holdFolder(
  root: string,
  folder: string,
  options: { makes: boolean },
): Promise<HeldFolder> {
  const names = relative(root, join(root, folder)).split(sep).filter(Boolean);
  if (names.includes('..')) throw new Error(`${folder} is not inside of ${root}`);
  let place = root;
  let held = await open(place, FOLDER);
  for (const name of names) {
    const above: FileHandle = held;
    place = join(openedPath(above, place), name);
    try {
      if (options.makes) await makeFolder(place);
      held = await open(place, FOLDER);
    } finally {
      await above.close();
    }
  }
  return { path: openedPath(held, place), [Symbol.asyncDispose]: () => held.close() };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
