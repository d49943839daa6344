import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openSame, type SeenFile } from './seen-files.js';
import { errorCode } from './tool-error.js';

/**
 * Folders that are written in, held open: what is done in one is done in that folder, also when a command that still runs has put a
 * link in its place meanwhile.
 */
export class HeldFolders implements AsyncDisposable {
  readonly #held = new Map<string, SeenFile>();

  /** A path that leads into the folder of `path` as it was found, for what is there or will be. Rejects when that folder is no plain one. */
  async place(path: string): Promise<string> {
    return join((await this.#hold(dirname(path))).path, basename(path));
  }

  /** Makes a folder with its parents; answers those it made, the uppermost first. */
  async make(folder: string): Promise<readonly string[]> {
    if (this.#held.has(folder)) return [];
    const found = await openSame(folder);
    if (found !== null) {
      this.#held.set(folder, found);
      return [];
    }
    const above = await this.make(dirname(folder));
    try {
      await mkdir(await this.place(folder));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      return above;
    }
    await this.#hold(folder);
    return [...above, folder];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map((seen) => seen[Symbol.asyncDispose]()));
  }

  async #hold(folder: string): Promise<SeenFile> {
    const known = this.#held.get(folder);
    if (known !== undefined) return known;
    const found = await openSame(folder);
    if (found === null) throw new Error(`${folder} is gone, or is another folder by now`);
    this.#held.set(folder, found);
    return found;
  }
}
