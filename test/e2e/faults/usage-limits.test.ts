import { requests, type ConfigInput } from '@goald/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import type { Script, ScriptedReply } from '../../helpers/model-server/index.js';
import { HOUR_MS, LimitedGoal } from './support/limited-goal.js';
import { DONE } from './support/replies.js';

const HOUR_S = 3600;
const WHOLE_STORY = ['usageLimited', 'active', 'complete'];

/** The quota is used up, and comes back then; null: nobody knows when. */
function usedUp(resetsInSeconds: number | null): ScriptedReply {
  const error = {
    type: 'usage_limit_reached',
    message: 'The quota is used up.',
    resets_in_seconds: resetsInSeconds,
  };
  return { fault: { kind: 'status', status: 429, body: { error } } };
}

/** The first request meets the limit, the others complete the goal. */
function limited(resetsInSeconds: number | null): Script {
  return (request) => (request.index === 0 ? usedUp(resetsInSeconds) : DONE);
}

describe('a goal at its provider’s usage limit', () => {
  let goal: LimitedGoal;
  afterEach(() => goal[Symbol.asyncDispose]());

  it('goes on by itself 45 seconds after the time the provider gave', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    const { statusReason, nextActionAtMs } = await goal.until('usageLimited');
    const waitMs = Number(nextActionAtMs) - Number(statusReason?.atMs);
    expect(waitMs).toBeLessThanOrEqual(HOUR_MS + 45_000);
    expect(waitMs).toBeGreaterThan(HOUR_MS + 15_000);
    goal.clock.jump(HOUR_MS - 60_000);
    expect(await goal.staysQuiet()).toBe(true);
    goal.clock.jump(120_000);
    await goal.until('complete');
    const moves = await goal.moves();
    expect(moves.map((event) => event.data['to'])).toEqual(WHOLE_STORY);
    expect(moves[1]).toMatchObject({
      data: { from: 'usageLimited', origin: { kind: 'runtime' }, reason: { code: 'usageLimit' } },
    });
    expect(moves[1]?.atMs).toBeGreaterThanOrEqual(Number(nextActionAtMs));
  });

  it('keeps that time over a restart, and goes on after one that comes later', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    const { nextActionAtMs, revision } = await goal.until('usageLimited');
    await goal.later(HOUR_MS / 2);
    expect(await goal.now()).toMatchObject({ status: 'usageLimited', nextActionAtMs, revision });
    expect(await goal.staysQuiet()).toBe(true);
    await goal.later(HOUR_MS);
    await goal.until('complete');
  });

  it('stays when the provider gave no time', async () => {
    goal = await LimitedGoal.start(limited(null));
    const stopped = await goal.until('usageLimited');
    expect(stopped.nextActionAtMs).toBeNull();
    expect(stopped.statusReason?.detail).toContain('did not say when');
    await goal.later(1000 * HOUR_MS);
    expect(await goal.staysQuiet()).toBe(true);
    expect(await goal.now()).toMatchObject({ status: 'usageLimited' });
  });

  it('does not go on by itself after a pause', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    await goal.until('usageLimited');
    const { goal: paused } = await goal.client.request(requests.threadGoalPause, goal.on({}));
    expect(paused).toMatchObject({ status: 'paused', nextActionAtMs: null });
    goal.clock.jump(2 * HOUR_MS);
    expect(await goal.staysQuiet()).toBe(true);
    expect(await goal.now()).toMatchObject({ status: 'paused' });
  });

  it('does not go on by itself after a clear', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    await goal.until('usageLimited');
    await goal.client.request(requests.threadGoalClear, goal.on({}));
    goal.clock.jump(2 * HOUR_MS);
    expect(await goal.staysQuiet()).toBe(true);
    expect(await goal.now()).toBeNull();
  });

  it('goes on at once when a user resumes it, and not once more when the time comes', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    await goal.until('usageLimited');
    const { goal: resumed } = await goal.client.request(requests.threadGoalResume, goal.on({}));
    expect(resumed).toMatchObject({ status: 'active', nextActionAtMs: null, statusReason: null });
    await goal.until('complete');
    goal.clock.jump(2 * HOUR_MS);
    expect(await goal.staysQuiet()).toBe(true);
    expect((await goal.moves()).map((event) => event.data['to'])).toEqual(WHOLE_STORY);
  });

  it('keeps its time through an edit, and goes on as edited', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    const { nextActionAtMs } = await goal.until('usageLimited');
    const { goal: edited } = await goal.client.request(
      requests.threadGoalSet,
      goal.on({ objective: 'Do it better.' }),
    );
    expect(edited).toMatchObject({ status: 'usageLimited', nextActionAtMs });
    goal.clock.jump(2 * HOUR_MS);
    await goal.until('complete');
    expect(goal.model.requests.at(-1)?.rawBody).toContain('Do it better.');
  });

  it('stays as it is when its thread is archived by then', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    await goal.until('usageLimited');
    await goal.client.request(requests.threadArchive, goal.on({}));
    goal.clock.jump(2 * HOUR_MS);
    await eventually('it waits no more', async () => (await goal.now())?.nextActionAtMs === null);
    expect(await goal.staysQuiet()).toBe(true);
    expect(await goal.now()).toMatchObject({ status: 'usageLimited' });
  });

  it('waits for a person when the store had to be restored from a backup', async () => {
    goal = await LimitedGoal.start(limited(HOUR_S));
    await goal.until('usageLimited');
    await goal.damaged();
    const restored = await goal.now();
    expect(restored).toMatchObject({ status: 'usageLimited', nextActionAtMs: null });
    expect(restored?.statusReason?.detail).toContain('an older one took its place');
    goal.clock.jump(2 * HOUR_MS);
    expect(await goal.staysQuiet()).toBe(true);
  });

  it('stays with autoResume off, and waits no more once that is switched off', async () => {
    const off: ConfigInput = { engine: { ...QUICK.engine, autoResume: false } };
    goal = await LimitedGoal.start(() => usedUp(HOUR_S), off);
    const stopped = await goal.until('usageLimited');
    expect(stopped.nextActionAtMs).toBeNull();
    expect(stopped.statusReason?.detail).toContain('engine.autoResume is off');

    await goal.configure(QUICK);
    await goal.later(0);
    await goal.client.request(requests.threadGoalResume, goal.on({}));
    await eventually('it waits', async () => (await goal.now())?.nextActionAtMs !== null);
    await goal.configure(off);
    await eventually('it waits no more', async () => (await goal.now())?.nextActionAtMs === null);
    expect(await goal.now()).toMatchObject({ status: 'usageLimited' });
  });

  it('goes on by itself no more when the limit is met at once each time', async () => {
    goal = await LimitedGoal.start(() => usedUp(0));
    for (const requestsSoFar of [1, 2]) {
      await eventually('it waits', async () => {
        const now = await goal.now();
        return now?.status === 'usageLimited' && now.nextActionAtMs !== null;
      });
      expect(goal.model.requests).toHaveLength(requestsSoFar);
      goal.clock.jump(60_000);
      await eventually('it tries', () => goal.model.requests.length > requestsSoFar);
    }
    const stayed = await goal.until('usageLimited');
    expect(stayed.nextActionAtMs).toBeNull();
    expect(stayed.statusReason?.detail).toContain('Resume the goal yourself');
    // A person may try again, and then it counts anew.
    goal.model.setScript(() => DONE);
    await goal.client.request(requests.threadGoalResume, goal.on({}));
    await goal.until('complete');
  });
});

it('a goal at its usage limit goes on once, however often the daemon is killed on the way', async () => {
  await using setup = await goalSetup({ script: limited(HOUR_S) });
  await setup.setGoal({ objective: 'Do it.' });
  await setup.stopped();
  const clockAheadMs = 2 * HOUR_MS;
  for (const dieAt of ['quota.due', 'quota.resumed']) {
    // It may be gone before its client is there.
    await setup.restart({ dieAt, clockAheadMs }).catch(() => undefined);
    await eventually(`it dies at ${dieAt}`, () => setup.daemon.exited);
  }
  await setup.restart({ clockAheadMs });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  const { data } = await setup.client.request(requests.goalEventsList, {
    threadId: setup.threadId,
  });
  const moves = data.filter((event) => event.type === 'goal.statusChanged');
  expect(moves.map((event) => event.data['to'])).toEqual(WHOLE_STORY);
  expect(setup.model.requests).toHaveLength(2);
});
