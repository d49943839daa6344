import { rmdirSync } from 'node:fs';
import type { ViewRule } from '../../engine/ports/view-rules.js';

/**
 * Places where nothing stands and nothing may be put. To mount over one, bubblewrap has to make a folder: it goes when the last command
 * that needs it has ended. Taken away before, it would take the mounts of other commands with it.
 */
export class Guards {
  readonly #users = new Map<string, number>();

  hold(rules: readonly ViewRule[]): Disposable {
    const paths = rules.filter((rule) => rule.isGuard === true).map((rule) => rule.path);
    for (const path of paths) this.#users.set(path, (this.#users.get(path) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const path of paths) this.#release(path);
      },
    };
  }

  #release(path: string): void {
    const left = (this.#users.get(path) ?? 1) - 1;
    if (left > 0) {
      this.#users.set(path, left);
      return;
    }
    this.#users.delete(path);
    try {
      rmdirSync(path);
    } catch {
      // Never made, or the user has put something there.
    }
  }
}
