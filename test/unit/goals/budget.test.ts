import {
  exhausted,
  exhaustedInTurn,
  preflight,
  tokenLimit,
  warningsDue,
  type BudgetState,
} from '@goald/server/goals/budget.js';
import { costOf } from '@goald/server/goals/price.js';
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
    costBudgetNano: null,
    costNano: 0,
    ...changes,
  };
}

const tokens = fc.integer({ min: 0, max: 3_000_000 });
const nano = fc.integer({ min: 1, max: 100_000_000_000 });
const anyBudget: fc.Arbitrary<BudgetState> = fc.record({
  tokenBudget: fc.option(fc.integer({ min: 1, max: 3_000_000 })),
  tokenCeiling: fc.integer({ min: 1, max: 3_000_000 }),
  tokensUsed: tokens,
  timeBudgetSeconds: fc.integer({ min: 1, max: 43_200 }),
  timeUsedMs: fc.integer({ min: 0, max: 50_000_000 }),
  maxTurns: fc.integer({ min: 1, max: 300 }),
  turnsUsed: fc.integer({ min: 0, max: 310 }),
  costBudgetNano: fc.option(nano),
  costNano: fc.oneof(fc.constant(0), nano),
});
const price = fc.integer({ min: 0, max: 100_000_000 });
const anyRequest = fc.record({
  estimatedInput: tokens,
  cachedInput: tokens,
  modelMaxOutput: fc.integer({ min: SMALLEST, max: 200_000 }),
  price: fc.option(
    fc.record({
      input: price,
      cachedInput: price,
      output: price,
      fastMilli: fc.integer({ min: 1, max: 10_000 }),
    }),
  ),
  tier: fc.constantFrom('default', 'priority'),
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
    ['cost below the budget', { costBudgetNano: 100, costNano: 99 }, null],
    ['cost at the budget', { costBudgetNano: 100, costNano: 100 }, 'costBudget'],
    ['a cost without a budget', { costBudgetNano: null, costNano: 99 }, null],
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
    ['tokens below four fifths', { tokensUsed: 7_999 }, []],
    ['tokens at four fifths', { tokensUsed: 8_000 }, ['tokenBudget']],
    ['time below four fifths', { timeUsedMs: 79_999 }, []],
    ['time at four fifths', { timeUsedMs: 80_000 }, ['timeBudget']],
    ['turns below four fifths', { turnsUsed: 7 }, []],
    ['turns at four fifths', { turnsUsed: 8 }, ['turnLimit']],
    ['cost below four fifths', { costBudgetNano: 1_000, costNano: 799 }, []],
    ['cost at four fifths', { costBudgetNano: 1_000, costNano: 800 }, ['costBudget']],
    ['cost without a budget', { costNano: 800 }, []],
    [
      'two kinds at once',
      { turnsUsed: 9, costBudgetNano: 10, costNano: 9 },
      ['costBudget', 'turnLimit'],
    ],
  ] as const)('%s', (_title, used, due) => {
    expect(warningsDue(budget(used))).toEqual(due);
  });
});

describe('preflight', () => {
  const request = {
    estimatedInput: 1_000,
    cachedInput: 0,
    modelMaxOutput: 32_000,
    price: null,
    tier: 'default',
  };

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
    expect(preflight(budget({ tokensUsed: 1 }), left)).toEqual({
      ok: false,
      reason: 'tokenBudget',
      unpriced: false,
    });
  });

  it('holds the ceiling where the user set no budget', () => {
    const ceiling = budget({ tokenBudget: null, tokenCeiling: 1_300 });
    expect(preflight(ceiling, request)).toEqual({ ok: true, maxOutputTokens: 300 });
    expect(preflight({ ...ceiling, tokensUsed: 50 }, request)).toMatchObject({ ok: false });
  });

  describe('with a cost budget', () => {
    // One dollar a million tokens of input is 1,000 nanodollars a token.
    const priced = {
      ...request,
      price: { input: 1_000_000, cachedInput: 100_000, output: 4_000_000, fastMilli: 2_000 },
    };
    const cost = (left: number) =>
      budget({ tokenBudget: null, costBudgetNano: left + 5, costNano: 5 });

    it('lets the answer be as long as what is left after the input can pay', () => {
      expect(preflight(cost(1_000_000 + 4_000 * 300), priced)).toEqual({
        ok: true,
        maxOutputTokens: 300,
      });
    });

    it('counts expected cached input at its own price', () => {
      const cached = { ...priced, cachedInput: 1_000 };
      expect(preflight(cost(100_000 + 4_000 * 300), cached)).toMatchObject({
        maxOutputTokens: 300,
      });
    });

    it('pays the multiplier of the priority tier for input and output', () => {
      const fast = { ...priced, tier: 'priority' };
      expect(preflight(cost(2_000_000 + 8_000 * 300), fast)).toMatchObject({
        maxOutputTokens: 300,
      });
    });

    it.each([
      ['one nanodollar short of the smallest useful answer', 1_000_000 + 4_000 * SMALLEST - 1],
      ['not enough for the input', 999_999],
      ['nothing left', 0],
      ['less than nothing left', -5],
    ])('sends nothing with %s', (_title, left) => {
      expect(preflight(cost(left), priced)).toEqual({
        ok: false,
        reason: 'costBudget',
        unpriced: false,
      });
    });

    it('sends nothing to a model whose price is not known, and says so', () => {
      expect(preflight(cost(1_000_000_000), request)).toEqual({
        ok: false,
        reason: 'costBudget',
        unpriced: true,
      });
    });

    it('lets a model that costs nothing say as much as it can', () => {
      const free = { ...priced, price: { input: 0, cachedInput: 0, output: 0, fastMilli: 2_000 } };
      expect(preflight(cost(1), free)).toEqual({ ok: true, maxOutputTokens: 32_000 });
    });
  });

  it('lets nothing go at or over the token budget, or without room for a useful answer', () => {
    fc.assert(
      fc.property(anyBudget, anyRequest, (state, wanted) => {
        const limit = Math.min(state.tokenBudget ?? state.tokenCeiling, state.tokenCeiling);
        const input = Math.max(0, wanted.estimatedInput - wanted.cachedInput);
        const room = limit - state.tokensUsed - input;
        const { ok } = preflight({ ...state, costBudgetNano: null }, wanted);
        expect(ok).toBe(room >= SMALLEST);
        if (state.tokensUsed >= limit) expect(ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets nothing go at or over the cost budget, and nothing that could pass it', () => {
    fc.assert(
      fc.property(anyBudget, anyRequest, (state, wanted) => {
        fc.pre(state.costBudgetNano !== null);
        const verdict = preflight(state, wanted);
        if (!verdict.ok) return;
        expect(state.costNano).toBeLessThan(state.costBudgetNano);
        expect(wanted.price).not.toBeNull();
        if (wanted.price === null) return;
        const usage = {
          input: wanted.estimatedInput,
          cachedInput: Math.min(wanted.estimatedInput, wanted.cachedInput),
          output: verdict.maxOutputTokens,
          reasoning: 0,
        };
        const cost = costOf(usage, wanted.price, wanted.tier);
        expect(state.costNano + cost).toBeLessThanOrEqual(state.costBudgetNano);
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
