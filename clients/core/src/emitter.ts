/** Listeners of one kind of happening. A listener that throws does not keep the others from hearing it. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Disposable {
    // A fresh function each time: the same listener added twice is two listeners, each removed on its own.
    const entry = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        // Thrown where nobody of ours catches it: a listener's mistake is its owner's to see.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  get size(): number {
    return this.#listeners.size;
  }
}
