import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { ViewRule } from '../../engine/ports/view-rules.js';

/**
 * Places where nothing stands and nothing may be put. To mount over one, bubblewrap has to make a folder: it goes when the last command
 * that needs it has ended. Taken away before, it would take the mounts of other commands with it.
 */
export class Guards {
  readonly #record: string;
  readonly #recorded = new Set<string>();
  readonly #users = new Map<string, number>();

  /** `record`: absolute path of a file that tells the next daemon what this one may have left. */
  constructor(record: string) {
    this.#record = record;
  }

  /** Takes away what a daemon left that was killed. Throws nothing. */
  static sweep(record: string): void {
    for (const path of pathsIn(record)) takeAway(path);
  }

  hold(rules: readonly ViewRule[]): Disposable {
    const paths = rules.filter((rule) => rule.isGuard === true).map((rule) => rule.path);
    this.#remember(paths);
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
    takeAway(path);
  }

  /** Before they are made. */
  #remember(paths: readonly string[]): void {
    const before = this.#recorded.size;
    for (const path of paths) this.#recorded.add(path);
    if (this.#recorded.size === before) return;
    mkdirSync(dirname(this.#record), { recursive: true, mode: 0o700 });
    writeFileSync(this.#record, JSON.stringify([...this.#recorded]), { mode: 0o600 });
  }
}

function takeAway(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Never made, or the user has put something there.
  }
}

function pathsIn(record: string): readonly string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(record, 'utf8')));
  } catch {
    return [];
  }
}
