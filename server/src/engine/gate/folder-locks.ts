/** One verification at a time in a folder: two would see each other's files and ports. */
export class FolderLocks {
  readonly #held = new Map<string, Promise<void>>();

  /** Waits for its turn. Throws the signal's reason. */
  async take(folder: string, signal: AbortSignal): Promise<Disposable> {
    for (;;) {
      signal.throwIfAborted();
      const lease = this.tryTake(folder);
      if (lease !== null) return lease;
      await Promise.race([this.#held.get(folder), aborted(signal)]);
    }
  }

  /** null when another has it. */
  tryTake(folder: string): Disposable | null {
    if (this.#held.has(folder)) return null;
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#held.set(folder, held);
    return {
      [Symbol.dispose]: () => {
        this.#held.delete(folder);
        free();
      },
    };
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
