/** How many keys one generation has: twice that are known at most. */
const GENERATION = 2000;

/** Keys that were met not long ago. */
export class RecentKeys {
  #young = new Set<string>();
  #old = new Set<string>();

  /** False for a key that is met for the first time in a long while. */
  met(key: string): boolean {
    if (this.#young.has(key)) return true;
    const known = this.#old.has(key);
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(key);
    return known;
  }
}
