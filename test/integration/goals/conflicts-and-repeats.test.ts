import { ProtocolError, requests, type Goal } from '@goald/protocol';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { charge, codeOf, goalIn, output } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREAD = 'thread';
const DAY_MS = 24 * 60 * 60 * 1000;
const PAUSE = byUser({ method: requests.threadGoalPause.method });

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

const set = (params: Omit<SetParams, 'threadId'>, key: string | null = null): Goal =>
  world.goals.set({ threadId: THREAD, ...params }, byUser({ idempotencyKey: key }));

describe('expectedRevision', () => {
  const acts = {
    set: (expectedRevision: number) => set({ objective: 'x', expectedRevision }),
    pause: (expectedRevision: number) =>
      world.goals.pause({ threadId: THREAD, expectedRevision }, PAUSE),
    resume: (expectedRevision: number) =>
      world.goals.resume({ threadId: THREAD, addTokens: 10, expectedRevision }, byUser()),
    clear: (expectedRevision: number) =>
      world.goals.clear({ threadId: THREAD, expectedRevision }, byUser()),
  } as const;
  const names = Object.keys(acts) as (keyof typeof acts)[];

  it.each(names)('%s goes through with the revision of the goal', (name) => {
    const { revision } = goalIn(world, THREAD, 'active');
    acts[name](revision);
    expect(world.goals.get(THREAD)?.revision).not.toBe(revision);
  });

  it.each(names.flatMap((name) => [[name, -1] as const, [name, 1] as const]))(
    '%s with a revision off by %i is refused with the goal as it stands',
    (name, off) => {
      const goal = goalIn(world, THREAD, 'active');
      const seq = world.store.headSeq;
      try {
        acts[name](goal.revision + off);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        expect(error).toMatchObject({ code: 'revision_conflict', data: { goal } });
      }
      expect(world.goals.get(THREAD)).toEqual(goal);
      expect(world.events(seq)).toEqual([]);
    },
  );

  it.each(names)('%s is refused with goal null when the goal was cleared meanwhile', (name) => {
    const { revision } = goalIn(world, THREAD, 'active');
    world.goals.clear({ threadId: THREAD }, byUser());
    try {
      acts[name](revision);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'revision_conflict', data: { goal: null } });
    }
  });

  it('the revision does not move with charges, only with definition and status', () => {
    const goal = goalIn(world, THREAD, 'active');
    charge(world, goal, { charge: output(10) });
    expect(world.goals.get(THREAD)).toMatchObject({ revision: goal.revision, tokensUsed: 410 });
  });
});

describe('idempotencyKey', () => {
  beforeEach(() => {
    world.thread(THREAD);
  });

  it('a repeat answers the first result and writes nothing', () => {
    const first = set({ objective: 'one' }, 'k');
    set({ objective: 'two' });
    const seq = world.store.headSeq;
    world.told.length = 0;
    expect(set({ objective: 'three' }, 'k')).toEqual(first);
    expect(world.goals.get(THREAD)?.objective).toBe('two');
    expect(world.events(seq)).toEqual([]);
    expect(world.told).toEqual([]);
  });

  it('a repeated clear answers true again and clears no later goal', () => {
    set({ objective: 'one' });
    const context = byUser({ method: requests.threadGoalClear.method, idempotencyKey: 'k' });
    expect(world.goals.clear({ threadId: THREAD }, context)).toBe(true);
    set({ objective: 'two' });
    expect(world.goals.clear({ threadId: THREAD }, context)).toBe(true);
    expect(world.goals.get(THREAD)?.objective).toBe('two');
  });

  it('a repeat with a revision that has passed answers the first result', () => {
    const made = set({ objective: 'one' });
    const params = { objective: 'two', expectedRevision: made.revision };
    const first = set(params, 'k');
    expect(set(params, 'k')).toEqual(first);
  });

  it('another method with the same key is refused', () => {
    set({ objective: 'one' }, 'k');
    const pause = () => world.goals.pause({ threadId: THREAD }, { ...PAUSE, idempotencyKey: 'k' });
    expect(codeOf(pause)).toBe('invalid_request');
    expect(world.goals.get(THREAD)?.status).toBe('active');
  });

  it('a mutation that was refused leaves its key free', () => {
    expect(codeOf(() => set({ objective: '' }, 'k'))).toBe('objective_empty');
    expect(set({ objective: 'one' }, 'k').objective).toBe('one');
  });

  it('runs anew after 24 hours, and not a millisecond earlier', () => {
    const first = set({ objective: 'one' }, 'k');
    world.nowMs += DAY_MS - 1;
    expect(set({ objective: 'two' }, 'k')).toEqual(first);
    world.nowMs += 1;
    expect(set({ objective: 'three' }, 'k').objective).toBe('three');
    world.nowMs += DAY_MS - 1;
    expect(set({ objective: 'four' }, 'k').objective).toBe('three');
  });
});
