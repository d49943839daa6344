import type { Clock } from '../ports/clock.js';
import type { People } from '../ports/people.js';

export interface Asked {
  readonly threadId: string;
  readonly method: string;
  readonly requestId: string;
}

/**
 * Resolves when nobody who can be asked has been there for `graceMs`: at once when nobody is there to begin with. Never rejects; after
 * the signal it stays open.
 */
export function untilNobody(
  { people, clock, graceMs }: { people: People; clock: Clock; graceMs: () => number },
  { threadId, method, requestId }: Asked,
  signal: AbortSignal,
): Promise<void> {
  const isThere = (): boolean => people.isThere(threadId, method, requestId);
  if (!isThere()) return Promise.resolve();
  return new Promise((resolve) => {
    let timer: Disposable | null = null;
    const end = (): void => {
      timer?.[Symbol.dispose]();
      leaves[Symbol.dispose]();
    };
    const look = (): void => {
      if (isThere() || timer !== null) return;
      timer = clock.schedule(clock.now() + graceMs(), () => {
        timer = null;
        if (isThere()) return;
        end();
        resolve();
      });
    };
    const leaves = people.onLeave(look);
    signal.addEventListener('abort', end, { once: true });
  });
}
