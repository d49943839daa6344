import type { Clock } from './ports/clock.js';

/** A timer stands still while the machine sleeps, and takes no delay over 24 days: the time is looked at again at least so often. */
const MOST_MS = 30_000;

/** The machine's own time. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  // CLOCK_MONOTONIC, which on Linux leaves sleep out.
  uptime(): number {
    return Math.round(performance.now());
  }

  schedule(atMs: number, callback: () => void): Disposable {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const delay = Math.max(0, atMs - Date.now());
      timer = setTimeout(
        () => {
          if (Date.now() >= atMs) callback();
          else arm();
        },
        Math.min(delay, MOST_MS),
      );
    };
    arm();
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
      },
    };
  }
}
