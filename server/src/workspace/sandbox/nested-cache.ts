import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { kindOf, searchNested } from './git-places.js';

const KEPT_MS = 60_000;
/** What is older and still used is looked for anew beside the command, so that the next one need not wait. */
const RENEWED_MS = 20_000;
/** How long a search holds up everything else at a time. */
const SLICE_MS = 2;
const MOST = 1000;
const MOST_FOUND = 300;

interface Known {
  readonly found: readonly string[];
  readonly atMs: number;
}

/**
 * Repositories below folders, never older than a minute: in a large tree the search takes tens of milliseconds. What was found once stays as
 * long as it is there, for a command can make so many folders that the search gives up before it comes that far.
 */
export class NestedCache {
  readonly #known = new Map<string, Known>();
  readonly #searches = new Map<string, Promise<void>>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Searches at once what is not known. */
  of(root: string): readonly string[] {
    const known = this.#fresh(root);
    if (known !== null) return known.found;
    const search = searchNested(root);
    let step = search.next();
    while (step.done !== true) step = search.next();
    return this.#keep(root, step.value);
  }

  /** Resolves when `of` knows: the search lets others go on meanwhile. */
  async prepare(root: string): Promise<void> {
    const known = this.#fresh(root);
    if (known === null) await this.#search(root);
    else if (this.#nowMs() - known.atMs > RENEWED_MS) void this.#search(root);
  }

  #fresh(root: string): Known | null {
    const known = this.#known.get(root);
    return known !== undefined && this.#nowMs() - known.atMs < KEPT_MS ? known : null;
  }

  #search(root: string): Promise<void> {
    const running = this.#searches.get(root);
    if (running !== undefined) return running;
    const search = this.#searchInSlices(root).finally(() => {
      this.#searches.delete(root);
    });
    this.#searches.set(root, search);
    return search;
  }

  async #searchInSlices(root: string): Promise<void> {
    const search = searchNested(root);
    let sliceMs = performance.now();
    for (let step = search.next(); ; step = search.next()) {
      if (step.done === true) {
        this.#keep(root, step.value);
        return;
      }
      if (performance.now() - sliceMs < SLICE_MS) continue;
      await nextTick();
      sliceMs = performance.now();
    }
  }

  #keep(root: string, found: readonly string[]): readonly string[] {
    const before = this.#known.get(root)?.found ?? [];
    if (this.#known.size >= MOST) this.#known.clear();
    const stay = before.filter((folder) => kindOf(join(folder, '.git')) !== 'missing');
    const all = [...new Set([...stay, ...found])].slice(0, MOST_FOUND);
    this.#known.set(root, { found: all, atMs: this.#nowMs() });
    return all;
  }
}
