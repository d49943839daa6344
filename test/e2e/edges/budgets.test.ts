import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, Latch } from '../api/support/scripts.js';
import { DEAF, ended, FILES, heard, made, slowToPrepare, startedTurns } from './support/edges.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({
    engine: { ...QUICK.engine, stopGraceMs: 800, retryBaseMs: 600_000, retryMaxMs: 600_000 },
    limits: { maxTokenBudget: 100_000 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a budget', () => {
  it('that a failed request has used up ends the turn at once, without a retry', async () => {
    const place = await world.place(() => ({
      text: 'word '.repeat(4000),
      fault: { kind: 'cut', afterBytes: 200_000 },
    }));
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.', tokenBudget: 3500 });
    const goal = await place.stopped();
    expect(goal).toMatchObject({ status: 'budgetLimited', statusReason: { code: 'tokenBudget' } });
    await ended(world, startedTurns(world, place)[0]?.id ?? '');
    const errors = world.ws.all(notifications.turnError);
    expect(errors.filter((error) => error.threadId === threadId)).toEqual([]);
    expect(place.asked()).toHaveLength(1);
    const { data } = await world.ws.request(requests.goalUsage, { threadId });
    expect(data.map((row) => [row.outcome, row.estimated])).toEqual([['cut', true]]);
  });

  it('of turns lets the last one go on when the goal is edited in it', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(CLAIM));
    await place.setGoal({ objective: 'Do it.', maxTurns: 1 });
    await heard(place, 'Do it.');
    expect(await place.setGoal({ tokenBudget: 90_000 })).toMatchObject({ status: 'active' });
    expect(await place.setGoal({ objective: 'Do it well.' })).toMatchObject({ status: 'active' });
    latch.open();
    expect(await place.stopped()).toMatchObject({
      status: 'complete',
      turnsUsed: 1,
      objective: 'Do it well.',
    });
  });

  it('of turns that is set to what is used already stops the goal', async () => {
    const place = await world.place(() => ({ fault: { kind: 'hang' } }));
    await place.setGoal({ objective: 'Do it.' });
    await heard(place, 'Do it.');
    expect(await place.setGoal({ maxTurns: 1 })).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'turnLimit' },
    });
  });

  it('of time that is raised while its end stops the turn lets the goal go on', async () => {
    const place = await world.place(byProgress(DEAF, CLAIM), { files: FILES });
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.', timeBudgetSeconds: 1 });
    await made(place, 'out.term');
    const raised = await world.ws.request(requests.threadGoalResume, { threadId, addSeconds: 600 });
    expect(raised.goal).toMatchObject({ status: 'active', timeBudgetSeconds: 601 });
    const stopped = await ended(world, startedTurns(world, place)[0]?.id ?? '');
    expect(stopped.status).toBe('interrupted');
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
  });

  it('of tokens is never more than the policy allows, by default and by a resume', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    expect(await place.setGoal({ objective: 'Do it.', status: 'paused' })).toMatchObject({
      tokenBudget: null,
      tokenCeiling: 100_000,
    });
    const more = world.ws.request(requests.threadGoalResume, { threadId, addTokens: 1 });
    await expect(more).rejects.toMatchObject({ data: { code: 'budget_over_policy' } });
    expect(await place.goal()).toMatchObject({ status: 'paused', tokenCeiling: 100_000 });
    expect(place.asked()).toEqual([]);
  });

  it.each([0, 1, 2])(
    'is not charged for a request that a pause stopped before it left (%i round trips in)',
    async (roundTrips) => {
      const place = await world.place(() => CLAIM, { files: FILES });
      const { threadId } = place;
      await slowToPrepare(place);
      await place.setGoal({ objective: 'Do it.' });
      for (let n = 0; n < roundTrips; n += 1) {
        await world.ws.request(requests.threadGoalGet, { threadId });
      }
      await Promise.all([
        world.ws.request(requests.threadGoalPause, { threadId }),
        world.ws.request(requests.threadGoalResume, { threadId }),
      ]);
      expect(await place.stopped()).toMatchObject({ status: 'complete' });
      const { data } = await world.ws.request(requests.goalUsage, { threadId });
      expect(data.map((row) => row.outcome)).toEqual(['completed']);
      expect(place.asked()).toHaveLength(1);
    },
  );
});

describe('the turn limit', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'does not count a turn that was cut short by a %s of the daemon',
    async (signal) => {
      let killed = false;
      await using setup = await goalSetup({
        script: () => (killed ? CLAIM : { fault: { kind: 'hang' } }),
      });
      await setup.setGoal({ objective: 'Do it.', maxTurns: 1 });
      await setup.client.until(notifications.turnStarted);
      await setup.daemon.kill(signal);
      killed = true;
      await setup.restart();
      expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    },
  );
});
