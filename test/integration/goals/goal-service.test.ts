import { requests, type Goal } from '@goald/protocol';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { charge, codeOf, goalIn, output } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREAD = 'thread';
const PAUSE = byUser({ method: requests.threadGoalPause.method });

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

const set = (params: Omit<SetParams, 'threadId'>): Goal =>
  world.goals.set({ threadId: THREAD, ...params }, byUser());

describe('commit, then tell', () => {
  it('what is told can already be read by another connection to the file', () => {
    world.thread(THREAD);
    const reader = new Database(world.databasePath, { readonly: true });
    const seen: unknown[] = [];
    world.onTold = ({ events }) => {
      const stored = reader.prepare('SELECT max(seq) FROM goal_event').pluck().get();
      seen.push([stored, events.at(-1)?.seq]);
    };
    set({ objective: 'one' });
    set({ objective: 'two' });
    world.goals.pause({ threadId: THREAD }, byUser());
    world.goals.resume({ threadId: THREAD }, byUser());
    world.goals.clear({ threadId: THREAD }, byUser());
    reader.close();
    expect(seen).toEqual([1, 2, 3, 4, 5].map((seq) => [seq, seq]));
  });

  it('a refused mutation tells nothing', () => {
    goalIn(world, THREAD, 'complete');
    world.told.length = 0;
    expect(codeOf(() => world.goals.pause({ threadId: THREAD }, byUser()))).not.toBeNull();
    expect(codeOf(() => set({ objective: 'x', tokenBudget: -1 }))).not.toBeNull();
    expect(world.told).toEqual([]);
  });

  it('every event names who caused it', () => {
    world.thread(THREAD);
    set({ objective: 'one' });
    set({ objective: 'two' });
    const automatic = { kind: 'automatic', clientName: 'editor', connectionId: 'c2' } as const;
    world.goals.pause({ threadId: THREAD }, byUser({ actor: automatic }));
    world.goals.clear({ threadId: THREAD }, byUser({ actor: automatic }));
    expect(world.events().map(({ data }) => data['origin'])).toEqual([
      byUser().actor,
      byUser().actor,
      automatic,
      automatic,
    ]);
  });
});

describe('the objective', () => {
  beforeEach(() => {
    world.thread(THREAD);
  });

  it('is stored without white space around it', () => {
    expect(set({ objective: ' \n\t make it work \u00a0\n' }).objective).toBe('make it work');
  });

  it.each(['', '   ', '\n\t\u00a0'])('%j is refused as empty', (objective) => {
    expect(codeOf(() => set({ objective }))).toBe('objective_empty');
    expect(world.events()).toEqual([]);
  });

  it('may have 4,000 characters, not one more', () => {
    expect(set({ objective: ` ${'a'.repeat(4_000)} ` }).objective).toHaveLength(4_000);
    expect(codeOf(() => set({ objective: 'b'.repeat(4_001) }))).toBe('objective_too_long');
    expect(world.goals.get(THREAD)?.objective).toBe('a'.repeat(4_000));
  });

  it('counts an emoji as one character', () => {
    expect(set({ objective: '🚀'.repeat(4_000) }).objective).toBe('🚀'.repeat(4_000));
    expect(codeOf(() => set({ objective: '🚀'.repeat(4_001) }))).toBe('objective_too_long');
  });

  it.each(['it\'s "done"; DROP TABLE goal;--', 'line\nline', 'a\u0000b', '漢字 ñ \u202e'])(
    'comes back as it was given: %j',
    (objective) => {
      set({ objective });
      expect(world.goals.get(THREAD)?.objective).toBe(objective);
    },
  );
});

describe('a new goal on a complete one', () => {
  it('has another id, counts from zero, and leaves the old one readable by its id', () => {
    const old = goalIn(world, THREAD, 'complete');
    expect(old).toMatchObject({ verified: true, tokensUsed: 400 });
    const fresh = set({ objective: 'next' });
    expect(fresh).toMatchObject({
      status: 'active',
      objective: 'next',
      tokensUsed: 0,
      turnsUsed: 0,
      timeUsedSeconds: 0,
      tokenBudget: null,
      verified: false,
      statusReason: null,
    });
    expect(fresh.goalId).not.toBe(old.goalId);
    expect(world.goals.get(THREAD)?.goalId).toBe(fresh.goalId);
    expect(world.queries.resolve({ threadId: THREAD }).goal_id).toBe(fresh.goalId);
    expect(world.queries.resolve({ goalId: old.goalId })).toMatchObject({
      objective: 'old',
      status: 'complete',
      verified: 1,
      tokens_used: 400,
    });
    expect(world.queries.usage({ goalId: old.goalId }).totals.tokens).toBe(400);
    expect(world.queries.usage({ threadId: THREAD }).totals.tokens).toBe(0);
  });

  it('a reopened goal is the same one, with its counters, and not verified any more', () => {
    const old = goalIn(world, THREAD, 'complete');
    expect(world.goals.resume({ threadId: THREAD }, byUser())).toMatchObject({
      goalId: old.goalId,
      status: 'active',
      verified: false,
      tokensUsed: 400,
    });
  });

  it('a late charge of the old goal lands on the old goal', () => {
    const old = goalIn(world, THREAD, 'complete');
    const fresh = set({ objective: 'next' });
    charge(world, old, { charge: output(70) });
    expect(world.queries.usage({ goalId: old.goalId }).totals.tokens).toBe(470);
    expect(world.queries.resolve({ goalId: old.goalId }).tokens_used).toBe(470);
    expect(world.goals.get(THREAD)).toMatchObject({ goalId: fresh.goalId, tokensUsed: 0 });
  });
});

describe('an automatic origin', () => {
  const origin = 'automatic';
  const goals = () => world.goals;

  it.each([
    ['set an objective', () => set({ objective: 'x', origin })],
    ['change a budget', () => set({ tokenBudget: 5_000, origin })],
    ['complete', () => set({ status: 'complete', origin })],
    ['activate', () => set({ status: 'active', origin })],
    ['resume', () => goals().resume({ threadId: THREAD, origin }, byUser())],
    [
      'resume with more budget',
      () => goals().resume({ threadId: THREAD, addTokens: 1, origin }, byUser()),
    ],
    ['edit while pausing', () => set({ status: 'paused', objective: 'x', origin })],
    ['raise a budget while pausing', () => set({ status: 'paused', tokenBudget: 9_000, origin })],
    ['remove a budget while pausing', () => set({ status: 'paused', tokenBudget: null, origin })],
  ] as const)('may not %s', (_what, act) => {
    const before = goalIn(world, THREAD, 'paused');
    const seq = world.store.headSeq;
    expect(codeOf(act)).toBe('policy_refused');
    expect(world.goals.get(THREAD)).toEqual(before);
    expect(world.events(seq)).toEqual([]);
  });

  it.each([
    ['status paused', { status: 'paused' }],
    ['status paused, with null for what it leaves alone', { status: 'paused', objective: null }],
  ] as const)('may pause by %s', (_what, params) => {
    goalIn(world, THREAD, 'active');
    expect(set({ ...params, origin })).toMatchObject({ status: 'paused' });
  });

  it('may pause, clear and read', () => {
    goalIn(world, THREAD, 'active');
    expect(world.goals.get(THREAD)).not.toBeNull();
    expect(world.goals.pause({ threadId: THREAD }, PAUSE)).toMatchObject({ status: 'paused' });
    expect(world.goals.clear({ threadId: THREAD }, byUser())).toBe(true);
  });
});

describe('what is not there yet', () => {
  it.each([
    ['sandbox read-only', { sandbox: 'read-only' }, 'sandbox_unavailable'],
    ['sandbox workspace-write', { sandbox: 'workspace-write' }, 'sandbox_unavailable'],
    ['isolation workingCopy', { isolation: 'workingCopy' }, 'isolation_unavailable'],
    ['planning auto', { planning: 'auto' }, 'feature_disabled'],
    ['planning required', { planning: 'required' }, 'feature_disabled'],
    ['a role', { role: 'reviewer' }, 'feature_disabled'],
  ] as const)('%s answers with its own error and makes no goal', (_what, params, code) => {
    world.thread(THREAD);
    const mutable: Partial<SetParams> = structuredClone<object>(params);
    expect(codeOf(() => set({ objective: 'x', ...mutable }))).toBe(code);
    expect(world.goals.get(THREAD)).toBeNull();
  });

  it('what this version has is taken', () => {
    world.thread(THREAD);
    const verification = [{ name: 'test', command: 'npm test', timeoutSeconds: 60 }];
    const constraints = { paths: { allow: ['src/'], deny: ['.env'] }, notes: ['no new packages'] };
    expect(
      set({
        objective: 'x',
        sandbox: 'danger-full-access',
        approvalPolicy: 'never',
        isolation: 'inPlace',
        planning: 'off',
        role: null,
        costBudgetUsd: null,
        requirements: ['it works'],
        constraints,
        verification,
      }),
    ).toMatchObject({ requirements: ['it works'], constraints, verification });
  });
});

describe('the definition', () => {
  const command = { name: 'test', command: 'npm test', timeoutSeconds: 60 };

  it('keeps what a set does not name', () => {
    world.thread(THREAD);
    set({ objective: 'x', requirements: ['r'], verification: [command], tokenBudget: 9_000 });
    expect(set({ requirements: ['s'] })).toMatchObject({
      objective: 'x',
      requirements: ['s'],
      verification: [command],
      tokenBudget: 9_000,
      revision: 2,
    });
  });

  it('a set that names nothing answers the goal and writes nothing', () => {
    const before = goalIn(world, THREAD, 'active');
    const seq = world.store.headSeq;
    expect(set({})).toEqual(before);
    expect(set({ objective: null, status: null, requirements: null })).toEqual(before);
    expect(world.events(seq)).toEqual([]);
  });

  it('an edit of an active goal tells the model of it once, with its next request', () => {
    goalIn(world, THREAD, 'active');
    set({ objective: 'a' });
    set({ objective: 'b' });
    const row = world.repositories.goals.current(THREAD);
    expect(JSON.parse(row?.notices_json ?? '[]')).toHaveLength(1);
  });
});

it.each([
  ['get', () => world.goals.get('nobody')],
  ['set', () => world.goals.set({ threadId: 'nobody', objective: 'x' }, byUser())],
  ['pause', () => world.goals.pause({ threadId: 'nobody' }, byUser())],
  ['resume', () => world.goals.resume({ threadId: 'nobody' }, byUser())],
  ['clear', () => world.goals.clear({ threadId: 'nobody' }, byUser())],
] as const)('%s of a thread that is not there answers thread_not_found', (_name, act) => {
  expect(codeOf(act)).toBe('thread_not_found');
});
