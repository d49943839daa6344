import type { Usage } from '@goald/protocol';
import { toNano, toUsd, usdText } from '@goald/server/goals/money.js';
import {
  affordableOutput,
  costOf,
  isFast,
  priceOf,
  priceView,
  servedTier,
  storedTier,
  tierOf,
  type Price,
  type Pricing,
} from '@goald/server/goals/price.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const fastMode = { enabled: false, multiplier: 2 };
const pricing = (table: Pricing['pricing'], mode = fastMode): Pricing => ({
  pricing: table,
  fastMode: mode,
});
const CODEX: Price = {
  input: 1_250_000,
  cachedInput: 125_000,
  output: 10_000_000,
  fastMilli: 2000,
};
const usage = (input: number, cachedInput: number, output: number): Usage => ({
  input,
  cachedInput,
  output,
  reasoning: 0,
});

const count = fc.integer({ min: 0, max: 5_000_000 });
const anyUsage = fc.record({ input: count, cachedInput: count, output: count, reasoning: count });
const pico = fc.integer({ min: 0, max: 500_000_000 });
const anyPrice = fc.record({
  input: pico,
  cachedInput: pico,
  output: pico,
  fastMilli: fc.integer({ min: 1, max: 20_000 }),
});
const anyTier = fc.constantFrom('default', 'priority', 'flex');

describe('the price of a model', () => {
  it('stands under its name, to a millionth of a dollar', () => {
    const table = { codex: { input: 1.25, cachedInput: 0.125, output: 10 } };
    expect(priceOf(pricing(table), 'codex')).toEqual(CODEX);
    expect(priceOf(pricing({ m: { input: 0.000_001, output: 0.1 } }), 'm')).toMatchObject({
      input: 1,
      output: 100_000,
    });
  });

  it('takes cached input at the price of input where nothing else is said', () => {
    expect(priceOf(pricing({ m: { input: 3, output: 4 } }), 'm')).toMatchObject({
      cachedInput: 3_000_000,
    });
  });

  it('is not known of a model that is not named, unless there is one for all others', () => {
    const table = { m: { input: 3, output: 4 } };
    expect(priceOf(pricing(table), 'other')).toBeNull();
    expect(priceOf(pricing(table), 'constructor')).toBeNull();
    const all = { ...table, '*': { input: 7, output: 7 } };
    expect(priceOf(pricing(all), 'other')).toMatchObject({ input: 7_000_000 });
    expect(priceOf(pricing(all), 'm')).toMatchObject({ input: 3_000_000 });
  });

  it('has the multiplier of the configuration, or its own', () => {
    const mode = { enabled: true, multiplier: 2.5 };
    expect(priceOf(pricing({ m: { input: 1, output: 1 } }, mode), 'm')?.fastMilli).toBe(2500);
    const own = { m: { input: 1, output: 1, fastMultiplier: 1.75 } };
    expect(priceOf(pricing(own, mode), 'm')?.fastMilli).toBe(1750);
  });

  it('is shown as it was written', () => {
    expect(priceView(CODEX, 'default')).toEqual({
      input: 1.25,
      cachedInput: 0.125,
      output: 10,
      multiplier: 1,
    });
    expect(priceView(CODEX, 'priority').multiplier).toBe(2);
  });
});

describe('what a request costs', () => {
  it('is uncached input, cached input and output, each at its price', () => {
    // 400 × $1.25 + 600 × $0.125 + 90 × $10, a million each
    expect(costOf(usage(1000, 600, 90), CODEX, 'default')).toBe(500_000 + 75_000 + 900_000);
  });

  it('is twice that at the priority tier with its usual multiplier', () => {
    expect(costOf(usage(1000, 600, 90), CODEX, 'priority')).toBe(2 * 1_475_000);
  });

  it('is rounded up to a whole nanodollar, once', () => {
    const dear = { ...CODEX, input: 1, cachedInput: 0, output: 1 };
    expect(costOf(usage(1, 0, 0), dear, 'default')).toBe(1);
    expect(costOf(usage(600, 0, 400), dear, 'default')).toBe(1);
    expect(costOf(usage(600, 0, 401), dear, 'default')).toBe(2);
    expect(costOf(usage(0, 0, 0), dear, 'default')).toBe(0);
  });

  it('is a whole number that never falls with more tokens, and the sum of rows is exact', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyUsage, anyPrice, anyTier), { minLength: 1, maxLength: 30 }),
        count,
        (rows, more) => {
          const costs = rows.map(([used, price, tier]) => costOf(used, price, tier));
          for (const [at, [used, price, tier]] of rows.entries()) {
            const cost = costs[at] ?? -1;
            expect(Number.isSafeInteger(cost)).toBe(true);
            expect(cost).toBeGreaterThanOrEqual(0);
            const longer = { ...used, output: used.output + more };
            expect(costOf(longer, price, tier)).toBeGreaterThanOrEqual(cost);
          }
          const forwards = costs.reduce((sum, cost) => sum + cost, 0);
          const exact = costs.reduce((sum, cost) => sum + BigInt(cost), 0n);
          expect(BigInt(forwards)).toBe(exact);
          expect(costs.toReversed().reduce((sum, cost) => sum + cost, 0)).toBe(forwards);
        },
      ),
    );
  });

  it('stays a number that clients can read, whatever a provider says', () => {
    const absurd = usage(Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER);
    expect(costOf(absurd, CODEX, 'priority')).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('the affordable output', () => {
  it('is what is left after the input, in whole tokens', () => {
    const input = { input: 1000, cachedInput: 0 };
    expect(affordableOutput(1_250_000 + 10_000 * 7, input, CODEX, 'default')).toBe(7);
    expect(affordableOutput(1_250_000 + 10_000 * 7 - 1, input, CODEX, 'default')).toBe(6);
    expect(affordableOutput(1_250_000, input, CODEX, 'default')).toBe(0);
    expect(affordableOutput(1_249_999, input, CODEX, 'default')).toBe(-1);
  });

  it('is the longest that keeps to what is left: one token more would not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000_000 }),
        anyUsage,
        anyPrice,
        anyTier,
        (left, used, price, tier) => {
          const most = affordableOutput(left, used, price, tier);
          const cost = (output: number) => costOf({ ...used, output }, price, tier);
          if (most < 0) {
            expect(cost(0)).toBeGreaterThan(left);
          } else if (most < Number.MAX_SAFE_INTEGER) {
            expect(cost(most)).toBeLessThanOrEqual(left);
            expect(cost(most + 1)).toBeGreaterThan(left);
          } else {
            expect(cost(0)).toBeLessThanOrEqual(left);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the tier', () => {
  it('is the thread’s, else the configuration’s', () => {
    const on = pricing({}, { enabled: true, multiplier: 2 });
    const off = pricing({});
    expect([tierOf(null, off), tierOf(null, on)]).toEqual(['default', 'priority']);
    expect([tierOf('priority', off), tierOf('default', on)]).toEqual(['priority', 'default']);
  });

  it('is kept under one name', () => {
    expect(storedTier(null)).toBeNull();
    expect([storedTier('fast'), storedTier('priority')]).toEqual(['priority', 'priority']);
    expect([storedTier('auto'), storedTier('default')]).toEqual(['default', 'default']);
  });

  it.each([
    ['priority', 'default', 'default'],
    ['default', 'priority', 'priority'],
    ['priority', 'flex', 'flex'],
    ['priority', 'auto', 'priority'],
    ['priority', '', 'priority'],
    ['priority', null, 'priority'],
    ['default', null, 'default'],
  ])('asked for %s and served %s is charged as %s', (requested, served, charged) => {
    expect(servedTier(requested, served)).toBe(charged);
  });

  it('is fast under either of its names', () => {
    expect(['priority', 'fast', 'default', 'flex', 'scale'].filter(isFast)).toEqual([
      'priority',
      'fast',
    ]);
  });
});

describe('money', () => {
  it('is whole nanodollars that come back as they went', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000_000 }), (nano) => {
        expect(toNano(toUsd(nano))).toBe(nano);
      }),
    );
  });

  it.each([
    [0, '$0.00'],
    [2_500_000_000, '$2.50'],
    [10_000_000, '$0.01'],
    [4_200_000, '$0.0042'],
    [1, '$0.000000001'],
  ])('%i nanodollars are written %s', (nano, text) => {
    expect(usdText(nano)).toBe(text);
  });
});
