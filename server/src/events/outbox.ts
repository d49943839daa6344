import type { Committed, Outgoing } from '../store/outgoing.js';

/** Hears what was committed, in commit order. Must not throw. */
export type CommitListener = (committed: Committed) => void;

/**
 * Takes what each commit has to tell and passes it to every listener, one commit after the other: a commit made by a listener waits
 * until the one before it was heard by all. Listeners are called in the order they were added.
 */
export class Outbox {
  readonly #listeners = new Set<CommitListener>();
  readonly #waiting: Committed[] = [];
  readonly #onProblem: (error: unknown) => void;
  #draining = false;

  /** `onProblem` hears of a listener that threw; the others are called all the same. It must not throw. */
  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  listen(listener: CommitListener): Disposable {
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
      },
    };
  }

  publish(committed: Committed): void {
    this.#waiting.push(committed);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        for (const listener of this.#listeners) this.#call(listener, next);
      }
    } finally {
      this.#draining = false;
    }
  }

  #call(listener: CommitListener, committed: Committed): void {
    try {
      listener(committed);
    } catch (error) {
      this.#onProblem(error);
    }
  }

  /** Tells something that is never stored, such as a delta, in order with the rest. */
  tell(...outgoing: readonly Outgoing[]): void {
    this.publish({ events: [], outgoing });
  }
}
