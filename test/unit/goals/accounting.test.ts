import {
  correctionFactor,
  estimatedCharge,
  measuredCharge,
  noCharge,
  type Charge,
} from '@goald/server/goals/accounting.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const figure = fc.integer({ min: -1_000, max: 2_000_000 });
const figures = fc.record({
  input: figure,
  cachedInput: figure,
  output: figure,
  reasoning: figure,
});

function expectSound({ usage, tokens }: Charge): void {
  for (const value of [...Object.values(usage), tokens]) expect(value).toBeGreaterThanOrEqual(0);
  expect(usage.cachedInput).toBeLessThanOrEqual(usage.input);
  expect(usage.reasoning).toBeLessThanOrEqual(usage.output);
  expect(tokens).toBe(usage.input - usage.cachedInput + usage.output);
}

describe('a measured charge', () => {
  it('is the uncached input and the output, reasoning once', () => {
    expect(measuredCharge({ input: 1_000, cachedInput: 600, output: 90, reasoning: 40 })).toEqual({
      usage: { input: 1_000, cachedInput: 600, output: 90, reasoning: 40 },
      tokens: 490,
      estimated: false,
    });
  });

  it('is the output alone when all input was cached', () => {
    expect(measuredCharge({ input: 500, cachedInput: 500, output: 7, reasoning: 0 })).toMatchObject(
      { tokens: 7 },
    );
  });

  it('never credits a goal for more cached input than there was input', () => {
    expect(
      measuredCharge({ input: 10, cachedInput: 9_999, output: 5, reasoning: 0 }),
    ).toMatchObject({ usage: { cachedInput: 10 }, tokens: 5 });
  });

  it('never charges more reasoning than output', () => {
    expect(measuredCharge({ input: 0, cachedInput: 0, output: 5, reasoning: 50 })).toMatchObject({
      usage: { output: 5, reasoning: 5 },
      tokens: 5,
    });
  });

  it('is never negative, and its tokens follow from its usage, whatever the figures', () => {
    fc.assert(
      fc.property(figures, (usage) => {
        const charge = measuredCharge(usage);
        expectSound(charge);
        expect(charge.estimated).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an estimated charge', () => {
  it('is the input estimate and the output that was seen', () => {
    expect(estimatedCharge(800, 20)).toEqual({
      usage: { input: 800, cachedInput: 0, output: 20, reasoning: 0 },
      tokens: 820,
      estimated: true,
    });
  });

  it('is whole tokens, rounded against the goal', () => {
    expect(estimatedCharge(10.01, 0.5)).toMatchObject({ tokens: 12 });
  });

  it('is at least the input estimate and never negative', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1_000, max: 2_000_000, noNaN: true }),
        fc.double({ min: -1_000, max: 2_000_000, noNaN: true }),
        (input, output) => {
          const charge = estimatedCharge(input, output);
          expectSound(charge);
          expect(charge.tokens).toBeGreaterThanOrEqual(Math.max(0, input));
          expect(Number.isInteger(charge.tokens)).toBe(true);
          expect(charge.estimated).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

it('a request the provider refused before working costs nothing', () => {
  expect(noCharge()).toEqual({
    usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
    tokens: 0,
    estimated: false,
  });
});

describe('the correction of token counts', () => {
  it('is none before the first answer', () => {
    expect(correctionFactor(undefined)).toBe(1);
  });

  it('is the share of real to counted tokens of the last answer', () => {
    expect(correctionFactor({ counted: 1_000, real: 1_100 })).toBeCloseTo(1.1);
    expect(correctionFactor({ counted: 1_000, real: 900 })).toBeCloseTo(0.9);
  });

  it.each([
    { counted: 0, real: 100 },
    { counted: 100, real: 0 },
    { counted: -1, real: 100 },
  ])('figures that cannot be ($counted counted, $real real) correct nothing', (last) => {
    expect(correctionFactor(last)).toBe(1);
  });

  it('one odd answer cannot make estimates useless', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1 }), (counted, real) => {
        const factor = correctionFactor({ counted, real });
        expect(factor).toBeGreaterThanOrEqual(0.5);
        expect(factor).toBeLessThanOrEqual(2);
      }),
    );
  });
});
