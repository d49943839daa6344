import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { byteLength, headOf } from './fit-text.js';

/** Most bytes all instruction files of a folder may have together. */
const INSTRUCTIONS_MAX_BYTES = 32 * 1024;

/** What took its place since it was found is not followed when it is a link, and not waited for when it is a pipe. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface Known {
  readonly mtimeMs: number;
  readonly size: number;
  readonly text: string;
}

/** Reads a folder's instruction files, again only when they changed. */
export class InstructionFiles {
  readonly #known = new Map<string, Known>();

  /** One section a file, in the order given. Files that cannot be read or say nothing are left out. Never rejects. */
  async sections(paths: readonly string[]): Promise<readonly string[]> {
    const texts = await Promise.all(paths.map((path) => this.#read(path)));
    const sections: string[] = [];
    let room = INSTRUCTIONS_MAX_BYTES;
    for (const [index, path] of paths.entries()) {
      const text = texts[index] ?? '';
      if (text === '') continue;
      const shown = byteLength(text) <= room ? text : headOf(text, room);
      const note =
        shown === text
          ? ''
          : `\n[cut: instruction files are read up to 32 KiB; read ${path} for the rest]`;
      sections.push(`## ${path}\n\n${shown}${note}`);
      room -= byteLength(shown);
    }
    return sections;
  }

  async #read(path: string): Promise<string> {
    try {
      await using file = await open(path, READ);
      const { mtimeMs, size } = await file.stat();
      const known = this.#known.get(path);
      if (known?.mtimeMs === mtimeMs && known.size === size) return known.text;
      const text = (await file.readFile('utf8')).trim();
      this.#known.set(path, { mtimeMs, size, text });
      return text;
    } catch {
      return '';
    }
  }
}
