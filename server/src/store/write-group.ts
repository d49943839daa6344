import type { Outcome, Store } from './store.js';

/** So many share one commit at most: whoever waits behind them waits no longer than that. */
const MOST_WORKS = 128;

interface Waiting {
  readonly work: () => unknown;
  readonly settle: (outcome: Outcome<unknown>) => void;
}

/** Lets what is asked for in one turn of the event loop share one commit. */
export class WriteGroup {
  readonly #store: Store;
  #waiting: Waiting[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Runs `work` soon, in the order of the calls. Resolves to its result after the commit of all that it wrote; rejects with what it threw. */
  run<T>(work: () => T): Promise<T> {
    if (this.#waiting.length === 0) {
      setImmediate(() => {
        this.flush();
      });
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        work,
        settle: (outcome) => {
          if (outcome.ok) resolve(outcome.result as T);
          else reject(outcome.error);
        },
      });
    });
  }

  /** Runs at once what waits: for whoever must see it done. */
  flush(): void {
    while (this.#waiting.length > 0) {
      const now = this.#waiting.splice(0, MOST_WORKS);
      const outcomes = this.#store.group(now.map(({ work }) => work));
      outcomes.forEach((outcome, index) => now[index]?.settle(outcome));
    }
  }
}
