import type { Clock } from './ports/clock.js';

/** Longest delay a Node timer takes; a later moment is reached in steps. */
const MOST_MS = 2_147_483_647;

/** The machine's own time. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
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
