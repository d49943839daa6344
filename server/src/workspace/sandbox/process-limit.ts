import { readFileSync } from 'node:fs';
import type { ProcessTable } from '../process-table.js';

const LOOK_MS = 150;

interface Watched {
  readonly pid: number;
  readonly most: number;
  readonly onExceeded: () => void;
}

/**
 * Counts the processes of confined commands while they run. One that has too many is ended: what limits the kernel offers an ordinary
 * process do not count for root. A whole look at the processes is only taken when the machine has many more than before.
 */
export class ProcessLimit {
  readonly #table: ProcessTable;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;
  #usual = Number.POSITIVE_INFINITY;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /** Calls back, once, when a process has more than `most` below it; until it is disposed. */
  watch(pid: number, most: number, onExceeded: () => void): Disposable {
    const watched = { pid, most, onExceeded };
    this.#watched.add(watched);
    this.#usual = Math.min(this.#usual, threadsOfMachine());
    this.#timer ??= setInterval(() => {
      this.#look();
    }, LOOK_MS).unref();
    return {
      [Symbol.dispose]: () => {
        this.#watched.delete(watched);
        if (this.#watched.size > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
        this.#usual = Number.POSITIVE_INFINITY;
      },
    };
  }

  #look(): void {
    const threads = threadsOfMachine();
    this.#usual = Math.min(this.#usual, threads);
    const least = Math.min(...[...this.#watched].map(({ most }) => most));
    if (threads - this.#usual < least) return;
    const children = new Map<number, number[]>();
    for (const { pid, parent } of this.#table.list()) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [pid]);
      else siblings.push(pid);
    }
    for (const watched of [...this.#watched]) {
      if (countBelow(watched.pid, children) <= watched.most) continue;
      this.#watched.delete(watched);
      watched.onExceeded();
    }
  }
}

function countBelow(pid: number, children: ReadonlyMap<number, readonly number[]>): number {
  let count = 0;
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const below = children.get(next) ?? [];
    count += below.length;
    open.push(...below);
  }
  return count;
}

/** Threads of the machine; 0 where it does not tell. */
function threadsOfMachine(): number {
  try {
    return Number(/\/(\d+) /.exec(readFileSync('/proc/loadavg', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
