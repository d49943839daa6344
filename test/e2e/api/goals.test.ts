import { notifications, requests, type ParamsInput } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { ApiWorld } from './support/api-world.js';
import { CLAIM, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const HANG = { text: 'Too late.', delayMs: 60_000 };

describe('thread/goal/set and get', () => {
  it('answer null before and the whole goal after, with the defaults of a plain client', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    expect(await place.goal()).toBeNull();
    const { goal } = await world.ws.request(requests.threadGoalSet, {
      threadId,
      objective: '  Make it work. ',
    });
    expect(goal).toMatchObject({
      threadId,
      objective: 'Make it work.',
      status: 'active',
      tokenBudget: null,
      tokenCeiling: 2_000_000,
      timeBudgetSeconds: 14_400,
      maxTurns: 200,
      isolation: 'inPlace',
      planning: 'off',
      tokensUsed: 0,
      verified: false,
      statusReason: null,
      sandbox: null,
      networkAccess: null,
    });
    expect(goal.phase).not.toBeNull();
    expect(Math.abs(goal.createdAt - Date.now() / 1000)).toBeLessThan(10);
    expect((await place.goal())?.goalId).toBe(goal.goalId);
    await world.ws.request(requests.threadGoalClear, { threadId });
  });

  it('answer the originator before they notify it, and notify every client', async () => {
    await using client = await world.another();
    const place = await world.place(() => HANG, { client });
    const { threadId } = place;
    const from = client.log.length;
    const goal = await place.setGoal({ objective: 'Make it work.' });
    await client.until(notifications.turnStarted, (params) => params.threadId === threadId);
    const order = client.log
      .slice(from)
      .filter(
        ({ method, params }) => method.startsWith('response:') || params['threadId'] === threadId,
      )
      .map(({ method }) => method);
    expect(order.slice(0, 2)).toEqual([
      `response:${requests.threadGoalSet.method}`,
      notifications.threadGoalUpdated.method,
    ]);
    expect(order.indexOf(notifications.turnStarted.method)).toBeGreaterThan(1);
    for (const other of [world.ws, world.unix]) {
      const told = await other.until(
        notifications.threadGoalUpdated,
        (params) => params.threadId === threadId,
      );
      expect(told.goal).toMatchObject({ goalId: goal.goalId, objective: 'Make it work.' });
      // Neither is subscribed to the thread.
      expect(
        other.all(notifications.turnStarted).filter((params) => params.threadId === threadId),
      ).toEqual([]);
    }
    await client.request(requests.threadGoalClear, { threadId });
    for (const other of [world.ws, world.unix]) {
      await other.until(notifications.threadGoalCleared, (params) => params.threadId === threadId);
    }
  });

  it('refuse bad values with their own codes and make no goal', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    const set = (params: object): Promise<unknown> =>
      world.ws.request(requests.threadGoalSet, { threadId, ...params });
    for (const [params, code] of [
      [{ objective: ' \n ' }, 'objective_empty'],
      [{ objective: 'x'.repeat(4001) }, 'objective_too_long'],
      [{ objective: 'x', tokenBudget: 0 }, 'budget_not_positive'],
      [{ objective: 'x', tokenBudget: -5 }, 'budget_not_positive'],
      [{ objective: 'x', maxTurns: 0 }, 'budget_not_positive'],
      [{ objective: 'x', timeBudgetSeconds: -1 }, 'budget_not_positive'],
      [{ objective: 'x', status: 'blocked' }, 'invalid_transition'],
      [{ objective: 'x', status: 'usageLimited' }, 'invalid_transition'],
      [{ objective: 'x', status: 'budgetLimited' }, 'invalid_transition'],
      [{ objective: 'x', status: 'sleeping' }, 'invalid_params'],
      [{ objective: 'x', sandbox: 'none' }, 'invalid_params'],
      [{ objective: 'x', isolation: 'workingCopy' }, 'isolation_unavailable'],
      [{ status: 'paused' }, 'invalid_transition'],
    ] as const) {
      await expect(set(params), JSON.stringify(params).slice(0, 60)).rejects.toMatchObject({
        data: { code },
      });
    }
    expect(await place.goal()).toBeNull();
    expect(place.asked()).toEqual([]);
    const longest = 'ä'.repeat(4000);
    await set({ objective: ` ${longest} `, status: 'paused' });
    expect((await place.goal())?.objective).toBe(longest);
  });

  it('say plainly what is not there yet instead of ignoring it', async () => {
    const place = await world.place(() => HANG);
    const notYet: Partial<ParamsInput<typeof requests.threadGoalSet>>[] = [
      { planning: 'required' },
      { planning: 'auto' },
    ];
    for (const later of notYet) {
      await expect(
        place.setGoal({ objective: 'x', status: 'paused', ...later }),
        JSON.stringify(later),
      ).rejects.toMatchObject({ data: { code: 'feature_disabled' } });
    }
    expect(await place.goal()).toBeNull();
  });

  it('keep what is absent, and remove a token budget by null', async () => {
    const place = await world.place(() => HANG);
    await place.setGoal({
      objective: 'First.',
      status: 'paused',
      tokenBudget: 9000,
      maxTurns: 7,
      requirements: ['fast'],
      constraints: { notes: ['be kind'] },
    });
    const edited = await place.setGoal({ objective: 'Second.' });
    expect(edited).toMatchObject({
      objective: 'Second.',
      status: 'paused',
      tokenBudget: 9000,
      maxTurns: 7,
      requirements: ['fast'],
      constraints: { notes: ['be kind'], paths: { allow: [], deny: [] } },
    });
    expect((await place.setGoal({ tokenBudget: null })).tokenBudget).toBeNull();
    expect(place.asked()).toEqual([]);
  });

  it('compare revisions when asked to', async () => {
    const place = await world.place(() => HANG);
    const first = await place.setGoal({ objective: 'First.', status: 'paused' });
    const second = await place.setGoal({ objective: 'Second.', expectedRevision: first.revision });
    expect(second.revision).toBeGreaterThan(first.revision);
    const stale = { threadId: place.threadId, expectedRevision: first.revision };
    for (const request of [
      world.unix.request(requests.threadGoalSet, { ...stale, objective: 'Third.' }),
      world.unix.request(requests.threadGoalResume, stale),
      world.unix.request(requests.threadGoalPause, stale),
      world.unix.request(requests.threadGoalClear, stale),
    ]) {
      await expect(request).rejects.toMatchObject({
        rpcCode: -32600,
        data: { code: 'revision_conflict', goal: { objective: 'Second.', status: 'paused' } },
      });
    }
    expect(await place.goal()).toEqual(second);
  });

  it('do a thing once for one idempotencyKey', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    const set = {
      threadId,
      objective: 'Once.',
      status: 'paused',
      idempotencyKey: 'set-1',
    } as const;
    const first = await world.ws.request(requests.threadGoalSet, set);
    await place.setGoal({ objective: 'Edited since.' });
    await world.unix.until(
      notifications.threadGoalUpdated,
      ({ goal }) => goal.objective === 'Edited since.',
    );
    const told = world.unix.all(notifications.threadGoalUpdated).length;
    const again = await world.unix.request(requests.threadGoalSet, set);
    expect(again).toEqual(first);
    expect((await place.goal())?.objective).toBe('Edited since.');
    expect(world.unix.all(notifications.threadGoalUpdated)).toHaveLength(told);
  });

  it('let a client that acts by itself pause and clear, and no more', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    await place.setGoal({ objective: 'Mine.' });
    const origin = 'automatic' as const;
    const refused = { rpcCode: -32600, data: { code: 'policy_refused' } };
    await expect(place.setGoal({ objective: 'Theirs.', origin })).rejects.toMatchObject(refused);
    await world.ws.request(requests.threadGoalPause, { threadId, origin });
    await expect(
      world.ws.request(requests.threadGoalResume, { threadId, origin }),
    ).rejects.toMatchObject(refused);
    await expect(place.setGoal({ status: 'active', origin })).rejects.toMatchObject(refused);
    expect(await place.goal()).toMatchObject({ status: 'paused', objective: 'Mine.' });
    expect(await world.ws.request(requests.threadGoalClear, { threadId, origin })).toEqual({
      cleared: true,
    });
  });

  it('write down who did what', async () => {
    const place = await world.place(() => HANG);
    await place.setGoal({ objective: 'Mine.', status: 'paused' }, world.unix);
    const { data } = await world.ws.request(requests.goalEventsList, { threadId: place.threadId });
    expect(data[0]).toMatchObject({ type: 'goal.created' });
    expect(JSON.stringify(data[0]?.data)).toContain('on-unix');
  });
});

describe('pause, resume and clear', () => {
  it('stop the request, keep the goal, and go on when a user resumes', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    const { goalId } = await place.setGoal({ objective: 'Work.' });
    await eventually('the model is asked', () => place.asked().length === 1);
    const { goal: paused } = await world.ws.request(requests.threadGoalPause, { threadId });
    expect(paused).toMatchObject({
      goalId,
      status: 'paused',
      phase: null,
      statusReason: { code: 'user' },
    });
    await eventually('the request is dropped', () => place.asked()[0]?.state === 'abandoned');
    const again = await world.ws.request(requests.threadGoalPause, { threadId });
    expect(again.goal.revision).toBe(paused.revision);
    place.setScript(() => CLAIM);
    const { goal: resumed } = await world.unix.request(requests.threadGoalResume, { threadId });
    expect(resumed).toMatchObject({ goalId, status: 'active', statusReason: null });
    expect(await place.stopped()).toMatchObject({ goalId, status: 'complete', turnsUsed: 2 });
  });

  it('are refused or harmless without a goal', async () => {
    const { threadId } = await world.place(() => HANG);
    for (const message of [requests.threadGoalPause, requests.threadGoalResume]) {
      const answer = world.ws.request(message, { threadId });
      await expect(answer).rejects.toMatchObject({ rpcCode: -32600 });
    }
    expect(await world.ws.request(requests.threadGoalClear, { threadId })).toEqual({
      cleared: false,
    });
  });

  it('treat a complete goal as the table says: no pause, reopened by resume, new by a new objective', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    const { goalId } = await place.setGoal({ objective: 'Work.' });
    await place.stopped();
    await expect(world.ws.request(requests.threadGoalPause, { threadId })).rejects.toMatchObject({
      data: { code: 'invalid_transition' },
    });
    await world.ws.request(requests.threadGoalResume, { threadId });
    const reopened = await place.stopped();
    expect(reopened).toMatchObject({ goalId, status: 'complete', turnsUsed: 2 });
    const fresh = await place.setGoal({ objective: 'More.', status: 'active' });
    expect(fresh).toMatchObject({ tokensUsed: 0, turnsUsed: 0, status: 'active' });
    expect(fresh.goalId).not.toBe(goalId);
    expect((await place.stopped()).goalId).toBe(fresh.goalId);
    // The past goal is still there by its id.
    const { report } = await world.ws.request(requests.goalReport, { goalId });
    expect(report.goal).toMatchObject({ goalId, status: 'complete', turnsUsed: 2 });
  });

  it('let a user complete a goal, which is not verified then', async () => {
    const place = await world.place(() => HANG);
    await place.setGoal({ objective: 'Work.', verification: [{ name: 'no', command: 'false' }] });
    await eventually('the model is asked', () => place.asked().length === 1);
    const done = await place.setGoal({ status: 'complete' });
    expect(done).toMatchObject({ status: 'complete', verified: false, phase: null });
    await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === place.threadId && params.turn.status === 'interrupted',
    );
  });
});

describe('a budget set below what was used', () => {
  it('stops the goal at once', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1 ? { ...runs('echo 1 >> a.txt'), usage: { input: 5000, output: 100 } } : HANG;
    });
    await place.setGoal({ objective: 'Work.' });
    await eventually('the second request is out', () => place.asked().length === 2);
    const limited = await place.setGoal({ tokenBudget: 5000 });
    expect(limited).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'tokenBudget' },
      phase: null,
    });
    await eventually('the request is dropped', () => place.asked()[1]?.state === 'abandoned');
    await expect(
      world.ws.request(requests.threadGoalResume, { threadId: place.threadId }),
    ).rejects.toMatchObject({ data: { code: 'budget_exhausted' } });
  });
});
