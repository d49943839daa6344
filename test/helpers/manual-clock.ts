import type { Clock } from '@goald/server/engine/ports/clock.js';

interface Alarm {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that only the test moves. */
export class ManualClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #nowMs: number;
  #sleptMs = 0;

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  uptime(): number {
    return this.#nowMs - this.#sleptMs;
  }

  schedule(atMs: number, callback: () => void): Disposable {
    const alarm = { atMs, callback };
    this.#alarms.add(alarm);
    return {
      [Symbol.dispose]: () => {
        this.#alarms.delete(alarm);
      },
    };
  }

  /** The machine sleeps so long: what falls due meanwhile is called when it wakes. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.#nowMs += ms;
    this.advance(0);
  }

  /** Moves on, calling what is due in the order in which it is due. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#alarms].toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#alarms.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }
}
