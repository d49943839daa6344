import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { says } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from './support/api-world.js';
import { CLAIM, input, Latch, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A goal whose turn takes some time to end, because its command is deaf to SIGTERM. */
async function deafGoal(): Promise<Place> {
  const place = await world.place(() =>
    runs("trap '' TERM; touch deaf; while :; do sleep 0.1; done"),
  );
  await place.setGoal({ objective: 'Be deaf.' });
  await eventually('it is deaf', () => existsSync(join(place.repository, 'deaf')));
  place.setScript(() => CLAIM);
  return place;
}

async function turnStatuses(threadId: string): Promise<string[]> {
  const { data } = await world.ws.request(requests.threadTurnsList, {
    threadId,
    sortDirection: 'asc',
  });
  return data.map((turn) => turn.status);
}

describe('while the last turn is still ending', () => {
  it('a resume is heard: the next turn starts when the last one has ended', async () => {
    const place = await deafGoal();
    const { threadId } = place;
    await world.ws.request(requests.threadGoalPause, { threadId });
    await world.unix.request(requests.threadGoalResume, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    await eventually('both turns have ended', async () =>
      (await turnStatuses(threadId)).join().endsWith('completed'),
    );
    expect(await turnStatuses(threadId)).toEqual(['interrupted', 'completed']);
    const order = world.ws.log
      .filter(({ params }) => params['threadId'] === threadId)
      .map(({ method }) => method)
      .filter((method) =>
        [notifications.turnStarted.method, notifications.turnCompleted.method].includes(
          method as never,
        ),
      );
    expect(order).toEqual([
      notifications.turnStarted.method,
      notifications.turnCompleted.method,
      notifications.turnStarted.method,
      notifications.turnCompleted.method,
    ]);
  });

  it('a new goal after a clear is its own: nothing of the old turn reaches it', async () => {
    const place = await deafGoal();
    const { threadId } = place;
    const old = await place.goal();
    expect(await world.ws.request(requests.threadGoalClear, { threadId })).toEqual({
      cleared: true,
    });
    const fresh = await place.setGoal({ objective: 'Something new.' }, world.unix);
    expect(fresh.goalId).not.toBe(old?.goalId);
    expect(await place.stopped()).toMatchObject({
      goalId: fresh.goalId,
      status: 'complete',
      turnsUsed: 1,
    });
    const { totals } = await world.ws.request(requests.goalUsage, { goalId: fresh.goalId });
    expect(totals.requests).toBe(1);
    const { data } = await world.ws.request(requests.goalUsage, {
      goalId: old?.goalId ?? expect.unreachable(),
    });
    expect(data).toHaveLength(1);
  });
});

describe('while a user’s turn without a goal is in flight', () => {
  it.each(['a set', 'goalMode'])('a goal that comes by %s begins', async (how) => {
    const latch = new Latch();
    const place = await world.place((request) =>
      request.input.length === 1 ? latch.thenReply(says('Hello.')) : CLAIM,
    );
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Hi') });
    await eventually('the model is asked', () => place.asked().length === 1);
    if (how === 'goalMode') {
      const words = input('Make it so.');
      await world.unix.request(requests.turnStart, { threadId, input: words, goalMode: true });
    } else {
      await place.setGoal({ objective: 'Make it so.' }, world.unix);
    }
    expect(await place.goal()).toMatchObject({ status: 'active', objective: 'Make it so.' });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete', objective: 'Make it so.' });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
  });
});

describe('many mutations at once', () => {
  it('leave one goal, one turn at a time, and a log without gap', async () => {
    const place = await world.place(() => ({ text: 'Too late.', delayMs: 60_000 }));
    const { threadId } = place;
    await place.setGoal({ objective: 'Start.' });
    const work = Array.from({ length: 60 }, (_, n) => {
      const client = n % 2 === 0 ? world.ws : world.unix;
      if (n % 3 === 0) return client.request(requests.threadGoalPause, { threadId });
      if (n % 3 === 1) return client.request(requests.threadGoalResume, { threadId });
      return place.setGoal({ objective: `Edit ${String(n)}.` }, client);
    });
    await Promise.all(work);
    await world.ws.request(requests.threadGoalPause, { threadId });
    await eventually(
      'no turn runs',
      async () => !(await turnStatuses(threadId)).includes('inProgress'),
    );
    const { data } = await world.ws.request(requests.goalEventsList, { limit: 5000 });
    expect(data.map((event) => event.seq)).toEqual(data.map((_, index) => index + 1));
    let open = 0;
    for (const event of data.filter((one) => one.threadId === threadId)) {
      if (event.type === 'turn.started') open += 1;
      if (event.type === 'turn.completed') open -= 1;
      expect(open === 0 || open === 1).toBe(true);
    }
    expect(await place.goal()).toMatchObject({ status: 'paused', phase: null });
    const asked = place.asked().length;
    const { totals } = await world.ws.request(requests.goalUsage, { threadId });
    expect(totals.requests).toBe(asked);
    expect((await place.goal())?.tokensUsed).toBe(totals.tokens);
  });
});
