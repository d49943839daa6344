import type { Clock } from '@goald/server/engine/ports/clock.js';
import { SystemClock } from '@goald/server/engine/system-clock.js';

interface Entry {
  readonly atMs: number;
  readonly callback: () => void;
  timer: Disposable;
}

/** The machine's time, which a test can make jump ahead. */
export class JumpingClock implements Clock {
  readonly #system = new SystemClock();
  readonly #entries = new Set<Entry>();
  #aheadMs = 0;

  now(): number {
    return this.#system.now() + this.#aheadMs;
  }

  uptime(): number {
    return this.#system.uptime() + this.#aheadMs;
  }

  schedule(atMs: number, callback: () => void): Disposable {
    const entry: Entry = { atMs, callback, timer: { [Symbol.dispose]: () => undefined } };
    this.#entries.add(entry);
    this.#arm(entry);
    return {
      [Symbol.dispose]: () => {
        entry.timer[Symbol.dispose]();
        this.#entries.delete(entry);
      },
    };
  }

  /** What falls due by it is called soon after. */
  jump(ms: number): void {
    this.#aheadMs += ms;
    for (const entry of this.#entries) {
      entry.timer[Symbol.dispose]();
      this.#arm(entry);
    }
  }

  #arm(entry: Entry): void {
    entry.timer = this.#system.schedule(entry.atMs - this.#aheadMs, () => {
      this.#entries.delete(entry);
      entry.callback();
    });
  }
}
