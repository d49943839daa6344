import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is neither false nor nullish, and answers it. Throws after the deadline. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as NonNullable<Exclude<T, false>>;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${String(timeoutMs)} ms: ${what}`);
    await delay(10);
  }
}
