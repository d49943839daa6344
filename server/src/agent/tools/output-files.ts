import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cutMiddle } from './cut-middle.js';

/** Room kept for the marker in the middle of a cut output. */
const MARKER_TOKENS = 80;

export interface ItemOfThread {
  readonly threadId: string;
  readonly itemId: string;
}

/** An id as the name of a file. */
const plain = (id: string): string => id.replace(/[^\w.-]/g, '_');

/** Cuts tool outputs to the token limit and keeps the full text of those it cut. */
export class OutputFiles {
  readonly #folder: string;
  readonly #limit: number;
  readonly #countTokens: (text: string) => number;

  constructor(options: { folder: string; limit: number; countTokens: (text: string) => number }) {
    this.#folder = options.folder;
    this.#limit = options.limit;
    this.#countTokens = options.countTokens;
  }

  /** Absolute path of the file that holds the full output of an item: in the folder of its thread, which is all its commands may read. */
  path({ threadId, itemId }: ItemOfThread): string {
    return join(this.#folder, plain(threadId), `${plain(itemId)}.txt`);
  }

  /**
   * The text cut in the middle to the token limit less `reserve`, or null when it fits. The marker names the file of the
   * item, which the caller must see to.
   */
  cutOnly(item: ItemOfThread, text: string, reserve = 0): string | null {
    const limit = Math.max(0, this.#limit - MARKER_TOKENS - reserve);
    const cut = cutMiddle(text, limit, this.#countTokens);
    if (cut === null) return null;
    const size = `${String(cut.cutLines)} lines, ${String(cut.cutChars)} characters`;
    const gap = cut.head === '' || cut.head.endsWith('\n') ? '' : '\n';
    return `${cut.head}${gap}[… ${size} cut here. Full output: ${this.path(item)} …]\n${cut.tail}`;
  }

  /** The text cut to the token limit; the full text is written to the item's file when something was cut. */
  async cut(item: ItemOfThread, text: string): Promise<string> {
    const cut = this.cutOnly(item, text);
    if (cut === null) return text;
    const path = this.path(item);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });
    return cut;
  }
}
