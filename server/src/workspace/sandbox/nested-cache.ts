import { nestedRepositories } from './git-places.js';

const KEPT_MS = 60_000;
const MOST = 1000;

/** Repositories below folders, looked for once a minute: a large tree takes milliseconds. */
export class NestedCache {
  readonly #known = new Map<string, { found: readonly string[]; untilMs: number }>();

  of(root: string): readonly string[] {
    const nowMs = performance.now();
    const known = this.#known.get(root);
    if (known !== undefined && nowMs < known.untilMs) return known.found;
    const found = nestedRepositories(root);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(root, { found, untilMs: nowMs + KEPT_MS });
    return found;
  }
}
