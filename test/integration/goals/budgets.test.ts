import { goalSchema, type Goal } from '@goald/protocol';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUDGET, charge, codeOf, goalIn, output, settle, USED } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREAD = 'thread';
const MOST = Number.MAX_SAFE_INTEGER;

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

type ResumeParams = Parameters<World['goals']['resume']>[0];
const set = (params: Omit<SetParams, 'threadId'>): Goal =>
  world.goals.set({ threadId: THREAD, ...params }, byUser());
const resume = (params: Omit<ResumeParams, 'threadId'> = {}): Goal =>
  world.goals.resume({ threadId: THREAD, ...params }, byUser());
const goal = (): Goal | null => world.goals.get(THREAD);

/** As a claim does it: the turn counts from its start. */
function takeTurn(): void {
  world.store.write((tx) => {
    const row = world.repositories.goals.current(THREAD);
    if (row === undefined) throw new Error('There is no goal.');
    world.writer.note(tx, row, { turns_used: row.turns_used + 1, phase: 'acting' }, null);
  });
}

describe('what a budget may be', () => {
  const bad = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MOST + 1];

  it.each(bad)('%s is no budget', (value) => {
    const before = goalIn(world, THREAD, 'paused');
    const seq = world.store.headSeq;
    for (const params of [
      { tokenBudget: value },
      { timeBudgetSeconds: value },
      { maxTurns: value },
    ]) {
      expect(
        codeOf(() => set(params)),
        JSON.stringify(params),
      ).toBe('budget_not_positive');
    }
    for (const params of [{ addTokens: value }, { addSeconds: value }, { addTurns: value }]) {
      expect(
        codeOf(() => resume(params)),
        JSON.stringify(params),
      ).toBe('budget_not_positive');
    }
    expect(goal()).toEqual(before);
    expect(world.events(seq)).toEqual([]);
  });

  it('a new goal with a bad budget is not made', () => {
    world.thread(THREAD);
    expect(codeOf(() => set({ objective: 'x', tokenBudget: 0 }))).toBe('budget_not_positive');
    expect(goal()).toBeNull();
  });

  it('is 12 hours at the most', () => {
    goalIn(world, THREAD, 'paused');
    expect(set({ timeBudgetSeconds: 43_200 }).timeBudgetSeconds).toBe(43_200);
    expect(codeOf(() => set({ timeBudgetSeconds: 43_201 }))).toBe('budget_over_policy');
    expect(codeOf(() => resume({ addSeconds: 1 }))).toBe('budget_over_policy');
    expect(goal()?.status).toBe('paused');
  });

  it.each([
    ['addTokens without a budget', { addTokens: MOST }, { tokenBudget: null }],
    ['addTokens', { addTokens: MOST }, {}],
    ['addTurns', { addTurns: MOST }, {}],
  ] as const)('%s never makes a number that clients cannot read', (_title, added, budget) => {
    goalIn(world, THREAD, 'paused');
    set(budget);
    codeOf(() => resume(added));
    expect(goalSchema.safeParse(goal()).error?.issues).toBeUndefined();
  });
});

describe('the configuration’s most for token budgets', () => {
  beforeEach(() => {
    world.limits = { ...world.limits, maxTokenBudget: 5_000 };
  });

  it('is itself allowed, one more is not', () => {
    goalIn(world, THREAD, 'paused');
    expect(set({ tokenBudget: 5_000 }).tokenBudget).toBe(5_000);
    expect(codeOf(() => set({ tokenBudget: 5_001 }))).toBe('budget_over_policy');
    expect(codeOf(() => resume({ addTokens: 1 }))).toBe('budget_over_policy');
    expect(goal()).toMatchObject({ tokenBudget: 5_000, status: 'paused' });
  });

  it('holds for a goal that names no budget', () => {
    world.thread(THREAD);
    expect(set({ objective: 'x' }).tokenCeiling).toBeLessThanOrEqual(5_000);
  });

  it('cannot be passed by removing the budget and adding to the ceiling', () => {
    goalIn(world, THREAD, 'paused');
    set({ tokenBudget: null });
    codeOf(() => resume({ addTokens: 10_000 }));
    expect(goal()?.tokenCeiling).toBeLessThanOrEqual(5_000);
  });
});

describe('setting a budget', () => {
  it('absent keeps it, null removes it', () => {
    goalIn(world, THREAD, 'active');
    expect(set({ objective: 'x' }).tokenBudget).toBe(BUDGET);
    expect(set({ tokenBudget: null })).toMatchObject({ tokenBudget: null, status: 'active' });
  });

  it('one over the ceiling is the user’s to give, and counts whole', () => {
    world.limits = { ...world.limits, tokenCeiling: 2_000 };
    goalIn(world, THREAD, 'active');
    set({ tokenBudget: 3_000 });
    const current = goal();
    if (current === null) throw new Error('There is no goal.');
    charge(world, current, { charge: output(2_500 - USED) });
    expect(goal()).toMatchObject({ status: 'active', tokensUsed: 2_500, tokenBudget: 3_000 });
  });

  it.each([
    ['one token over what is used', USED + 1, 'active'],
    ['what is used', USED, 'budgetLimited'],
    ['less than what is used', 1, 'budgetLimited'],
  ] as const)('to %s while active', (_title, tokenBudget, status) => {
    goalIn(world, THREAD, 'active');
    expect(set({ tokenBudget })).toMatchObject({ tokenBudget, status });
  });

  it('below what is used stops an active goal also when the set says more', () => {
    const together: Omit<SetParams, 'threadId'>[] = [
      { objective: 'x' },
      { status: 'active' },
      { objective: 'x', status: 'active' },
    ];
    const answers = together.map((params, index) => {
      const threadId = `${THREAD}-${index}`;
      goalIn(world, threadId, 'active');
      return world.goals.set({ threadId, ...params, tokenBudget: USED }, byUser()).status;
    });
    expect(answers).toEqual(['budgetLimited', 'budgetLimited', 'budgetLimited']);
  });

  it('of time below what is used stops an active goal', () => {
    const made = goalIn(world, THREAD, 'active');
    charge(world, made, { charge: output(0), workMs: 60_000 });
    expect(set({ timeBudgetSeconds: 61 }).status).toBe('active');
    expect(set({ timeBudgetSeconds: 60 })).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'timeBudget' },
    });
  });

  it('of turns below what is used stops an active goal', () => {
    goalIn(world, THREAD, 'active');
    takeTurn();
    takeTurn();
    expect(set({ maxTurns: 1 })).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'turnLimit' },
    });
  });

  it('or editing the goal lets the last turn allowed go on', () => {
    goalIn(world, THREAD, 'active');
    set({ maxTurns: 1 });
    takeTurn();
    expect(set({ requirements: ['it works'] }).status).toBe('active');
    expect(set({ tokenBudget: 50_000 }).status).toBe('active');
  });

  it('higher on a goal at its budget leaves it there until it is resumed', () => {
    goalIn(world, THREAD, 'budgetLimited');
    expect(set({ tokenBudget: BUDGET + 1 })).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'tokenBudget' },
    });
    expect(resume()).toMatchObject({ status: 'active', statusReason: null });
  });

  it('away from a goal at its budget leaves it there until it is resumed', () => {
    goalIn(world, THREAD, 'budgetLimited');
    expect(set({ tokenBudget: null }).status).toBe('budgetLimited');
    expect(resume().status).toBe('active');
  });
});

describe('resume with more', () => {
  it('raises and resumes in one step', () => {
    goalIn(world, THREAD, 'budgetLimited');
    const commits = world.told.length;
    expect(resume({ addTokens: 500 })).toMatchObject({
      status: 'active',
      tokenBudget: BUDGET + 500,
      tokensUsed: BUDGET,
    });
    expect(world.told).toHaveLength(commits + 1);
  });

  it('of too few tokens is refused and adds nothing', () => {
    const made = goalIn(world, THREAD, 'active');
    charge(world, made, { charge: output(BUDGET - USED + 100) });
    const before = goal();
    expect(before).toMatchObject({ status: 'budgetLimited', tokensUsed: 1_100 });
    expect(codeOf(() => resume({ addTokens: 100 }))).toBe('budget_exhausted');
    expect(goal()).toEqual(before);
    expect(resume({ addTokens: 101 }).status).toBe('active');
  });

  it('of the wrong budget is refused', () => {
    goalIn(world, THREAD, 'budgetLimited');
    expect(codeOf(() => resume({ addSeconds: 60, addTurns: 5 }))).toBe('budget_exhausted');
    expect(goal()).toMatchObject({ status: 'budgetLimited', timeBudgetSeconds: 14_400 });
  });

  it('seconds goes on after the time is used up', () => {
    const made = goalIn(world, THREAD, 'active');
    set({ timeBudgetSeconds: 60 });
    charge(world, made, { charge: output(1), workMs: 60_000 });
    expect(goal()).toMatchObject({
      status: 'budgetLimited',
      timeUsedSeconds: 60,
      statusReason: { code: 'timeBudget' },
    });
    expect(codeOf(() => resume({ addTokens: 1_000 }))).toBe('budget_exhausted');
    expect(resume({ addSeconds: 1 })).toMatchObject({ status: 'active', timeBudgetSeconds: 61 });
  });

  it('turns goes on after the turns are used up', () => {
    goalIn(world, THREAD, 'active');
    takeTurn();
    set({ maxTurns: 1 });
    expect(goal()?.status).toBe('budgetLimited');
    expect(resume({ addTurns: 2 })).toMatchObject({ status: 'active', maxTurns: 3, turnsUsed: 1 });
  });

  it('tokens on a goal without a budget raises its ceiling', () => {
    world.limits = { ...world.limits, tokenCeiling: BUDGET };
    const made = goalIn(world, THREAD, 'active');
    set({ tokenBudget: null });
    charge(world, made, { charge: output(BUDGET) });
    expect(goal()).toMatchObject({ status: 'budgetLimited' });
    expect(resume({ addTokens: 5_000 })).toMatchObject({ status: 'active', tokenBudget: null });
    charge(world, made, { charge: output(4_000) });
    expect(goal()?.status).toBe('active');
  });

  it('works on an active goal without touching its status', () => {
    goalIn(world, THREAD, 'active');
    const seq = world.store.headSeq;
    expect(resume({ addTokens: 500, addSeconds: 10, addTurns: 3 })).toMatchObject({
      status: 'active',
      tokenBudget: BUDGET + 500,
      timeBudgetSeconds: 14_410,
      maxTurns: 203,
    });
    expect(world.events(seq).map(({ type }) => type)).toEqual(['goal.edited']);
  });
});

describe('a charge', () => {
  it('that reaches the budget stops an active goal in the same commit', () => {
    const made = goalIn(world, THREAD, 'active');
    const seq = world.store.headSeq;
    charge(world, made, { charge: output(BUDGET - USED) });
    expect(goal()).toMatchObject({
      status: 'budgetLimited',
      phase: null,
      tokensUsed: BUDGET,
      statusReason: { code: 'tokenBudget' },
    });
    expect(world.events(seq).map(({ type }) => type)).toEqual(['goal.usage', 'goal.statusChanged']);
    expect(world.told.at(-1)?.events).toHaveLength(2);
  });

  it.each(['paused', 'blocked', 'usageLimited', 'complete'] as const)(
    'over the budget of a goal that is %s counts and leaves its status',
    (status) => {
      const before = goalIn(world, THREAD, status);
      charge(world, before, { charge: output(5_000) });
      expect(goal()).toEqual({
        ...before,
        tokensUsed: USED + 5_000,
        usage: { ...before.usage, output: USED + 5_000 },
      });
    },
  );

  it('of a cleared goal counts, and tells no client of a goal', () => {
    const made = goalIn(world, THREAD, 'active');
    world.goals.clear({ threadId: THREAD }, byUser());
    world.told.length = 0;
    charge(world, made, { charge: output(5_000) });
    expect(world.queries.resolve({ goalId: made.goalId }).tokens_used).toBe(USED + 5_000);
    expect(world.told.flatMap(({ events }) => events)).toMatchObject([
      { type: 'goal.usage', goalId: made.goalId },
    ]);
    expect(JSON.stringify(world.told.flatMap(({ outgoing }) => outgoing))).not.toContain(
      'objective',
    );
    expect(goal()).toBeNull();
  });

  it('of a stale turn counts over the budget and moves nothing', () => {
    const made = goalIn(world, THREAD, 'active');
    charge(world, made, { charge: output(BUDGET), mayMove: false });
    expect(goal()).toMatchObject({ status: 'active', tokensUsed: USED + BUDGET });
  });

  it('of an intent lands once', () => {
    const made = goalIn(world, THREAD, 'active');
    const requestId = charge(world, made, { charge: output(10) });
    const seq = world.store.headSeq;
    expect(settle(world, requestId, { charge: output(10) })).toBe(false);
    expect(settle(world, 'never made', { charge: output(10) })).toBe(false);
    expect(goal()?.tokensUsed).toBe(USED + 10);
    expect(world.events(seq)).toEqual([]);
  });

  it('warns once at four fifths, and again after the budget was raised', () => {
    const made = goalIn(world, THREAD, 'active');
    const warnings = () =>
      world.events().filter(({ type }) => type === 'goal.budgetWarning').length;
    charge(world, made, { charge: output(799 - USED) });
    expect(warnings()).toBe(0);
    charge(world, made, { charge: output(1) });
    charge(world, made, { charge: output(1) });
    expect(warnings()).toBe(1);
    resume({ addTokens: 1_000 });
    charge(world, made, { charge: output(700) });
    expect(warnings()).toBe(1);
    charge(world, made, { charge: output(99) });
    expect(warnings()).toBe(2);
  });
});
