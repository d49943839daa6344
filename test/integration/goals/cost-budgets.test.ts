import type { Goal } from '@goald/protocol';
import { measuredCharge } from '@goald/server/goals/accounting.js';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import { toNano } from '@goald/server/goals/money.js';
import type { Price } from '@goald/server/goals/price.js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { charge, codeOf, goalIn, output, runtime } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREAD = 'thread';
/** A dollar for a million tokens of output: 1,000 nanodollars a token. */
const DOLLAR: Price = { input: 0, cachedInput: 0, output: 1_000_000, fastMilli: 2000 };

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

const set = (params: Omit<SetParams, 'threadId'>): Goal =>
  world.goals.set({ threadId: THREAD, ...params }, byUser());
type ResumeParams = Parameters<World['goals']['resume']>[0];
const resume = (params: Omit<ResumeParams, 'threadId'> = {}): Goal =>
  world.goals.resume({ threadId: THREAD, ...params }, byUser());
const goal = (): Goal | null => world.goals.get(THREAD);
const warnings = (): unknown[] =>
  world
    .events()
    .filter(({ type }) => type === 'goal.budgetWarning')
    .map(({ data }) => data['budget']);
/** Spends millionths of a dollar. */
const spend = (made: Goal, micro: number): string =>
  charge(world, made, { charge: output(micro), price: DOLLAR });

function start(costBudgetUsd: number | undefined): Goal {
  world.thread(THREAD);
  return set({ objective: 'x', costBudgetUsd });
}

describe('a cost budget', () => {
  it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY, 0.000_000_000_4])(
    '%s is none',
    (costBudgetUsd) => {
      const before = goalIn(world, THREAD, 'paused');
      expect(codeOf(() => set({ costBudgetUsd }))).toBe('budget_not_positive');
      expect(codeOf(() => resume({ addCostUsd: costBudgetUsd }))).toBe('budget_not_positive');
      expect(goal()).toEqual(before);
    },
  );

  it.each([Number.POSITIVE_INFINITY, 1_000_001])('%s is more than there is', (costBudgetUsd) => {
    goalIn(world, THREAD, 'paused');
    expect(codeOf(() => set({ costBudgetUsd }))).toBe('budget_over_policy');
    expect(codeOf(() => resume({ addCostUsd: costBudgetUsd }))).toBe('budget_over_policy');
  });

  it('is shown as it was given', () => {
    expect(start(2.5)).toMatchObject({ costBudgetUsd: 2.5, costUsd: null });
  });

  it('of a model without a price is refused with what to do, and makes no goal', () => {
    world.thread(THREAD);
    world.priced = false;
    const asked = (): Goal => set({ objective: 'x', costBudgetUsd: 1 });
    expect(codeOf(asked)).toBe('price_unknown');
    expect(asked).toThrow(/pricing.*"m".*input.*output/su);
    expect(goal()).toBeNull();
    expect(set({ objective: 'x' }).status).toBe('active');
    expect(codeOf(() => set({ costBudgetUsd: 1 }))).toBe('price_unknown');
    expect(goal()?.costBudgetUsd).toBeNull();
  });

  it('of a model that lost its price does not go on, and goes on without the budget', () => {
    start(1);
    world.goals.pause({ threadId: THREAD }, byUser());
    world.priced = false;
    expect(codeOf(resume)).toBe('price_unknown');
    expect(codeOf(() => set({ status: 'active' }))).toBe('price_unknown');
    expect(goal()?.status).toBe('paused');
    expect(set({ costBudgetUsd: null, status: 'active' })).toMatchObject({
      status: 'active',
      costBudgetUsd: null,
    });
  });

  it('stops the goal when what is spent reaches it', () => {
    const made = start(0.001);
    spend(made, 999);
    expect(goal()).toMatchObject({ status: 'active', costUsd: 0.000_999 });
    spend(made, 1);
    expect(goal()).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'costBudget' },
      costUsd: 0.001,
    });
    expect(goal()?.statusReason?.message).toMatch(/\$0\.001 of \$0\.001.*addCostUsd/u);
  });

  it('set to what is spent already stops an active goal, one nanodollar more does not', () => {
    const made = start(undefined);
    spend(made, 500);
    expect(set({ costBudgetUsd: 0.000_500_001 }).status).toBe('active');
    expect(set({ costBudgetUsd: 0.0005 })).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'costBudget' },
    });
  });

  it('absent is kept, null removes it', () => {
    start(3);
    expect(set({ requirements: ['r'] }).costBudgetUsd).toBe(3);
    expect(set({ costBudgetUsd: null })).toMatchObject({ costBudgetUsd: null, status: 'active' });
  });

  it('is raised and resumed in one step', () => {
    const made = start(0.001);
    spend(made, 1500);
    expect(codeOf(() => resume({ addCostUsd: 0.0005 }))).toBe('budget_exhausted');
    expect(codeOf(() => resume({ addTokens: 1000 }))).toBe('budget_exhausted');
    expect(goal()).toMatchObject({ status: 'budgetLimited', costBudgetUsd: 0.001 });
    expect(resume({ addCostUsd: 0.000_501 })).toMatchObject({
      status: 'active',
      costBudgetUsd: 0.001_501,
    });
  });

  it('that is added where there was none begins at what is spent', () => {
    const made = start(undefined);
    spend(made, 400);
    world.goals.pause({ threadId: THREAD }, byUser());
    expect(resume({ addCostUsd: 0.001 })).toMatchObject({
      status: 'active',
      costBudgetUsd: 0.0014,
    });
  });

  it('comes from the configuration where a goal names none, and is never over its most', () => {
    world.limits = { ...world.limits, costBudgetUsd: 2, maxCostBudgetUsd: 5 };
    expect(start(undefined).costBudgetUsd).toBe(2);
    expect(set({ costBudgetUsd: 5 }).costBudgetUsd).toBe(5);
    expect(codeOf(() => set({ costBudgetUsd: 5.01 }))).toBe('budget_over_policy');
    expect(codeOf(() => resume({ addCostUsd: 0.01 }))).toBe('budget_over_policy');
    expect(set({ costBudgetUsd: 1 }).costBudgetUsd).toBe(1);
    expect(set({ costBudgetUsd: null }).costBudgetUsd).toBe(5);
  });

  it('that the configuration asks for needs a price', () => {
    world.limits = { ...world.limits, maxCostBudgetUsd: 5 };
    world.priced = false;
    expect(codeOf(() => start(undefined))).toBe('price_unknown');
    expect(goal()).toBeNull();
  });
});

describe('the ledger', () => {
  const figure = fc.integer({ min: 0, max: 3_000_000 });
  const anyPrice = fc.record({
    input: fc.integer({ min: 0, max: 99_999_999 }),
    cachedInput: fc.integer({ min: 0, max: 99_999_999 }),
    output: fc.integer({ min: 0, max: 99_999_999 }),
    fastMilli: fc.integer({ min: 1, max: 5_000 }),
  });
  const anyRequest = fc.record({
    usage: fc.record({ input: figure, cachedInput: figure, output: figure, reasoning: figure }),
    price: fc.option(anyPrice),
    tier: fc.constantFrom('default' as const, 'priority' as const),
    servedTier: fc.constantFrom(undefined, 'default', 'priority', 'flex'),
  });

  let runs = 0;

  it('adds up to the counters to the last nanodollar, whatever prices and tiers', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 12 }), (all) => {
        runs += 1;
        const threadId = `thread-${String(runs)}`;
        world.thread(threadId);
        const made = world.goals.set({ threadId, objective: 'x' }, byUser());
        for (const { usage, price, servedTier, tier } of all) {
          charge(world, made, {
            charge: measuredCharge(usage),
            mayMove: false,
            tier,
            ...(price === null ? {} : { price }),
            ...(servedTier === undefined ? {} : { servedTier }),
          });
        }
        const { totals, data } = world.queries.usage({ goalId: made.goalId });
        const row = world.queries.resolve({ goalId: made.goalId });
        const priced = data.filter((each) => each.costNanoUsd !== null);
        const sum = priced.reduce((total, each) => total + (each.costNanoUsd ?? 0), 0);
        expect(row.cost_nano).toBe(priced.length === 0 ? null : sum);
        expect(totals.costNanoUsd).toBe(row.cost_nano);
        expect(data).toHaveLength(all.length);
        expect(totals.unpricedRequests).toBe(
          data.filter((each) => each.price === null && each.tokens > 0).length,
        );
        const now = world.goals.get(threadId);
        expect(now?.costUsd).toBe(totals.costUsd);
        if (now?.costUsd != null) expect(toNano(now.costUsd)).toBe(sum);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the price of each request, and the tier it was served', () => {
    const made = start(undefined);
    charge(world, made, { charge: output(10), price: DOLLAR, tier: 'priority' });
    charge(world, made, {
      charge: output(10),
      price: { ...DOLLAR, output: 3_000_000 },
      tier: 'priority',
      servedTier: 'default',
    });
    charge(world, made, { charge: output(10), price: DOLLAR, servedTier: 'priority' });
    charge(world, made, { charge: output(10) });
    const { data, totals } = world.queries.usage({ goalId: made.goalId });
    expect(data.map((row) => [row.costNanoUsd, row.requestedServiceTier, row.serviceTier])).toEqual(
      [
        [20_000, 'priority', 'priority'],
        [30_000, 'priority', 'default'],
        [20_000, 'default', 'priority'],
        [null, 'default', 'default'],
      ],
    );
    expect(data.map((row) => row.price?.output)).toEqual([1, 3, 1, undefined]);
    expect(data.map((row) => row.price?.multiplier)).toEqual([2, 1, 2, undefined]);
    expect(totals).toMatchObject({ costNanoUsd: 70_000, unpricedRequests: 1, fastRequests: 2 });
    expect(goal()).toMatchObject({ costUsd: 0.000_07, tokensUsed: 40 });
  });

  it('counts tokens as they are, whatever the tier costs', () => {
    const made = start(undefined);
    charge(world, made, { charge: output(100), price: DOLLAR, tier: 'priority' });
    expect(goal()?.tokensUsed).toBe(100);
  });
});

describe('warnings', () => {
  it('come once for each kind of budget, when it reaches four fifths', () => {
    world.thread(THREAD);
    const made = set({ objective: 'x', costBudgetUsd: 0.001, tokenBudget: 10_000 });
    spend(made, 799);
    expect(warnings()).toEqual([]);
    spend(made, 1);
    spend(made, 1);
    expect(warnings()).toEqual(['costBudget']);
    charge(world, made, { charge: output(8_000) });
    spend(made, 1);
    expect(warnings()).toEqual(['costBudget', 'tokenBudget']);
  });

  it('say how much of what is used', () => {
    const made = start(0.001);
    spend(made, 900);
    const warned = world.events().find(({ type }) => type === 'goal.budgetWarning');
    expect(warned?.data).toMatchObject({
      budget: 'costBudget',
      used: 0.0009,
      limit: 0.001,
      unit: 'usd',
    });
  });

  it('come again only for the budget that was changed', () => {
    world.thread(THREAD);
    const made = set({ objective: 'x', costBudgetUsd: 0.01, tokenBudget: 10_000 });
    spend(made, 9_000);
    expect(warnings()).toEqual(['tokenBudget', 'costBudget']);
    set({ costBudgetUsd: 0.011 });
    spend(made, 1);
    expect(warnings()).toEqual(['tokenBudget', 'costBudget', 'costBudget']);
  });

  it('come for time that no request carried', () => {
    const made = start(undefined);
    set({ timeBudgetSeconds: 100 });
    world.store.write((tx) => {
      world.ledger.chargeWork(tx, world.queries.resolve({ goalId: made.goalId }), 80_000);
    });
    expect(warnings()).toEqual(['timeBudget']);
  });

  it('are not for goals that rest', () => {
    const made = start(0.001);
    runtime(world, THREAD, 'stopped');
    spend(made, 900);
    expect(goal()).toMatchObject({ status: 'blocked', costUsd: 0.0009 });
    expect(warnings()).toEqual([]);
  });
});
