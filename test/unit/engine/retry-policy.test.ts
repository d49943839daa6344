import { describe, expect, it } from 'vitest';
import {
  AFTER_RESET_MS,
  quotaPlan,
  retryDelayMs,
  type QuotaStop,
} from '@goald/server/engine/retry-policy.js';

const rules = { baseMs: 1000, maxMs: 60_000, retryAfterMaxMs: 3_600_000 };

describe('the pause before a retry', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [7, 60_000],
    [5000, 60_000],
  ])('after failure %i is random up to %i ms', (attempt, ceiling) => {
    const at = (random: number): number =>
      retryDelayMs(rules, { attempt, retryAfterMs: null }, random);
    expect(at(0)).toBe(0);
    expect(at(0.5)).toBe(ceiling / 2);
    expect(at(0.999_999)).toBe(ceiling);
  });

  it('is never shorter than the provider asks', () => {
    expect(retryDelayMs(rules, { attempt: 1, retryAfterMs: 90_000 }, 0.9)).toBe(90_000);
    expect(retryDelayMs(rules, { attempt: 3, retryAfterMs: 10 }, 0.5)).toBe(2000);
  });

  it('is not longer than is sensible, whatever the provider asks', () => {
    const retryAfterMs = 30 * 86_400_000;
    expect(retryDelayMs(rules, { attempt: 1, retryAfterMs }, 0.5)).toBe(3_600_000);
  });
});

describe('what follows a usage limit', () => {
  const stop: QuotaStop = {
    resetAtMs: 5_000_000,
    nowMs: 1_000_000,
    autoResume: true,
    idleTurns: 0,
    maxIdleTurns: 3,
  };

  it('is going on, 45 seconds after the time the provider gave', () => {
    expect(quotaPlan(stop)).toEqual({ kind: 'resume', atMs: 5_000_000 + 45_000 });
    expect(AFTER_RESET_MS).toBe(45_000);
  });

  it('is going on no sooner than 45 seconds from now, when that time is past', () => {
    expect(quotaPlan({ ...stop, resetAtMs: 10 })).toEqual({ kind: 'resume', atMs: 1_045_000 });
  });

  it.each([
    [{ resetAtMs: null }, 'noResetTime'],
    [{ autoResume: false }, 'switchedOff'],
    [{ idleTurns: 3 }, 'noProgress'],
  ])('is staying with %j', (change, why) => {
    expect(quotaPlan({ ...stop, ...change })).toEqual({ kind: 'stay', why });
  });
});
