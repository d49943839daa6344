/** Does one thing after the other, in the order in which they came. */
export class Feed {
  readonly #onProblem: (error: unknown) => void;
  readonly #waiting: (() => void | Promise<void>)[] = [];
  #busy = false;

  /** `onProblem` hears of what failed; the rest is done all the same. It must not throw. */
  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  /** What is not async is done at once when nothing waits before it. */
  push(work: () => void | Promise<void>): void {
    this.#waiting.push(work);
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      try {
        const done = work();
        if (done !== undefined) await done;
      } catch (error) {
        this.#onProblem(error);
      }
    }
    this.#busy = false;
  }
}
