/** Disposes in the reverse order; Node 20 has no AsyncDisposableStack. */
export class AsyncStack implements AsyncDisposable {
  readonly #steps: (() => void | Promise<void>)[] = [];

  defer(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  use(resource: AsyncDisposable): void {
    this.defer(async () => {
      await resource[Symbol.asyncDispose]();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}
