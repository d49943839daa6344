import {
  exhausted,
  exhaustedInTurn,
  preflight,
  tokenLimit,
  warningDue,
  type BudgetState,
} from '@goald/server/goals/budget.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** The smallest useful output of the design, in tokens. */
const SMALLEST = 256;

function budget(changes: Partial<BudgetState> = {}): BudgetState {
  return {
    tokenBudget: 10_000,
    tokenCeiling: 2_000_000,
    tokensUsed: 0,
    timeBudgetSeconds: 100,
    timeUsedMs: 0,
    maxTurns: 10,
    turnsUsed: 0,
    costBudgetUsd: null,
    costUsd: null,
    ...changes,
  };
}

const tokens = fc.integer({ min: 0, max: 3_000_000 });
const anyBudget: fc.Arbitrary<BudgetState> = fc.record({
  tokenBudget: fc.option(fc.integer({ min: 1, max: 3_000_000 })),
  tokenCeiling: fc.integer({ min: 1, max: 3_000_000 }),
  tokensUsed: tokens,
  timeBudgetSeconds: fc.integer({ min: 1, max: 43_200 }),
  timeUsedMs: fc.integer({ min: 0, max: 50_000_000 }),
  maxTurns: fc.integer({ min: 1, max: 300 }),
  turnsUsed: fc.integer({ min: 0, max: 310 }),
  costBudgetUsd: fc.option(fc.double({ min: 0.01, max: 100, noNaN: true })),
  costUsd: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
});
const anyRequest = fc.record({
  estimatedInput: tokens,
  cachedInput: tokens,
  modelMaxOutput: fc.integer({ min: SMALLEST, max: 200_000 }),
});

describe('the token limit', () => {
  it('is the ceiling while the user set no budget', () => {
    expect(tokenLimit(budget({ tokenBudget: null, tokenCeiling: 777 }))).toBe(777);
  });

  it('is the smaller of budget and ceiling', () => {
    expect(tokenLimit(budget({ tokenBudget: 5, tokenCeiling: 7 }))).toBe(5);
    expect(tokenLimit(budget({ tokenBudget: 9, tokenCeiling: 7 }))).toBe(7);
  });
});

describe('a budget is used up', () => {
  it.each([
    ['tokens one below the budget', { tokensUsed: 9_999 }, null],
    ['tokens at the budget', { tokensUsed: 10_000 }, 'tokenBudget'],
    ['tokens over the budget', { tokensUsed: 10_001 }, 'tokenBudget'],
    [
      'tokens at the ceiling',
      { tokenBudget: null, tokenCeiling: 50, tokensUsed: 50 },
      'tokenBudget',
    ],
    ['time one millisecond below', { timeUsedMs: 99_999 }, null],
    ['time at the budget', { timeUsedMs: 100_000 }, 'timeBudget'],
    ['turns one below', { turnsUsed: 9 }, null],
    ['turns at the limit', { turnsUsed: 10 }, 'turnLimit'],
    ['cost below the budget', { costBudgetUsd: 1, costUsd: 0.99 }, null],
    ['cost at the budget', { costBudgetUsd: 1, costUsd: 1 }, 'costBudget'],
    ['a cost budget and a price that is not known', { costBudgetUsd: 1, costUsd: null }, null],
    ['a cost without a budget', { costBudgetUsd: null, costUsd: 99 }, null],
  ] as const)('%s', (_title, used, reason) => {
    expect(exhausted(budget(used))).toBe(reason);
  });

  it('the last turn allowed may go on to its end', () => {
    expect(exhaustedInTurn(budget({ turnsUsed: 10 }))).toBeNull();
    expect(exhausted(budget({ turnsUsed: 10 }))).toBe('turnLimit');
  });

  it('whatever stops a turn also forbids the next', () => {
    fc.assert(
      fc.property(anyBudget, (state) => {
        const inTurn = exhaustedInTurn(state);
        if (inTurn !== null) expect(exhausted(state)).toBe(inTurn);
      }),
    );
  });

  it('using more never frees a budget', () => {
    fc.assert(
      fc.property(anyBudget, tokens, tokens, (state, moreTokens, moreMs) => {
        fc.pre(exhausted(state) !== null);
        const after = {
          ...state,
          tokensUsed: state.tokensUsed + moreTokens,
          timeUsedMs: state.timeUsedMs + moreMs,
        };
        expect(exhausted(after)).not.toBeNull();
      }),
    );
  });
});

describe('the warning', () => {
  it.each([
    ['tokens below four fifths', { tokensUsed: 7_999 }, false],
    ['tokens at four fifths', { tokensUsed: 8_000 }, true],
    ['time below four fifths', { timeUsedMs: 79_999 }, false],
    ['time at four fifths', { timeUsedMs: 80_000 }, true],
    ['turns below four fifths', { turnsUsed: 7 }, false],
    ['turns at four fifths', { turnsUsed: 8 }, true],
  ] as const)('%s', (_title, used, due) => {
    expect(warningDue(budget(used))).toBe(due);
  });
});

describe('preflight', () => {
  const request = { estimatedInput: 1_000, cachedInput: 0, modelMaxOutput: 32_000 };

  it('gives the answer what is left after the input', () => {
    expect(preflight(budget(), request)).toEqual({ ok: true, maxOutputTokens: 9_000 });
  });

  it('never asks for more than the model can give', () => {
    expect(preflight(budget(), { ...request, modelMaxOutput: 300 })).toEqual({
      ok: true,
      maxOutputTokens: 300,
    });
  });

  it('counts no input that is expected to be cached', () => {
    expect(preflight(budget(), { ...request, cachedInput: 400 })).toEqual({
      ok: true,
      maxOutputTokens: 9_400,
    });
  });

  it('takes a cache larger than the input as the whole input', () => {
    expect(preflight(budget(), { ...request, cachedInput: 5_000 })).toEqual({
      ok: true,
      maxOutputTokens: 10_000,
    });
  });

  it('sends with exactly the smallest useful output left, and not with one less', () => {
    const left = { ...request, estimatedInput: 10_000 - SMALLEST };
    expect(preflight(budget(), left)).toEqual({ ok: true, maxOutputTokens: SMALLEST });
    expect(preflight(budget({ tokensUsed: 1 }), left)).toEqual({ ok: false });
  });

  it('holds the ceiling where the user set no budget', () => {
    const ceiling = budget({ tokenBudget: null, tokenCeiling: 1_300 });
    expect(preflight(ceiling, request)).toEqual({ ok: true, maxOutputTokens: 300 });
    expect(preflight({ ...ceiling, tokensUsed: 50 }, request)).toEqual({ ok: false });
  });

  it('lets nothing go at or over the token budget, or without room for a useful answer', () => {
    fc.assert(
      fc.property(anyBudget, anyRequest, (state, wanted) => {
        const limit = Math.min(state.tokenBudget ?? state.tokenCeiling, state.tokenCeiling);
        const input = Math.max(0, wanted.estimatedInput - wanted.cachedInput);
        const room = limit - state.tokensUsed - input;
        expect(preflight(state, wanted).ok).toBe(room >= SMALLEST);
        if (state.tokensUsed >= limit) expect(preflight(state, wanted).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('input and longest answer together never exceed what is left', () => {
    fc.assert(
      fc.property(anyBudget, anyRequest, (state, wanted) => {
        const answer = preflight(state, wanted);
        if (!answer.ok) return;
        const limit = Math.min(state.tokenBudget ?? state.tokenCeiling, state.tokenCeiling);
        const input = Math.max(0, wanted.estimatedInput - wanted.cachedInput);
        expect(state.tokensUsed + input + answer.maxOutputTokens).toBeLessThanOrEqual(limit);
        expect(answer.maxOutputTokens).toBeLessThanOrEqual(wanted.modelMaxOutput);
        expect(answer.maxOutputTokens).toBeGreaterThanOrEqual(SMALLEST);
      }),
      { numRuns: 1_000 },
    );
  });
});
