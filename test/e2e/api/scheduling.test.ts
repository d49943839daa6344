import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { QUICK } from '../../helpers/goal-setup.js';
import { says, type ScriptedReply } from '../../helpers/model-server/index.js';
import { ApiWorld } from './support/api-world.js';
import { CLAIM, input, Latch, runs } from './support/scripts.js';

const ONE_AT_A_TIME = { ...QUICK, engine: { ...QUICK.engine, maxConcurrentTurns: 1 } };

describe('several goals and one place', () => {
  it('take turns one after the other, each alike; who waits shows phase queued', async () => {
    await using world = await ApiWorld.start(ONE_AT_A_TIME);
    const latch = new Latch();
    const order: string[] = [];
    let open = 0;
    let most = 0;
    const script = (name: string) => {
      let turn = 0;
      return async (request: { lastToolOutputs: readonly string[] }): Promise<ScriptedReply> => {
        open += 1;
        most = Math.max(most, open);
        await latch.opened;
        open -= 1;
        if (request.lastToolOutputs.length > 0) return says(`Turn ${String(turn)} of ${name}.`);
        turn += 1;
        order.push(name);
        return turn === 3 ? CLAIM : runs(`echo ${String(turn)} >> a.txt`);
      };
    };
    const places = [];
    for (const name of ['a', 'b', 'c']) places.push(await world.place(script(name)));
    for (const place of places) await place.setGoal({ objective: 'Count to three.' });
    await eventually('one is asked', () => world.model.requests.length === 1);
    const phases = await Promise.all(places.map(async (place) => (await place.goal())?.phase));
    expect(phases).toEqual(['acting', 'queued', 'queued']);
    latch.open();
    for (const place of places) {
      expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 3 });
    }
    expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
    expect(most).toBe(1);
  });

  it('are as many as maxConcurrentTurns allows', async () => {
    await using world = await ApiWorld.start({
      ...QUICK,
      engine: { ...QUICK.engine, maxConcurrentTurns: 2 },
    });
    const latch = new Latch();
    const places = [];
    for (let n = 0; n < 4; n += 1) places.push(await world.place(() => latch.thenReply(CLAIM)));
    for (const place of places) await place.setGoal({ objective: 'Do it.' });
    await eventually('two are asked', () => world.model.requests.length === 2);
    const phases = await Promise.all(places.map(async (place) => (await place.goal())?.phase));
    expect(phases.toSorted()).toEqual(['acting', 'acting', 'queued', 'queued']);
    expect(world.model.requests).toHaveLength(2);
    latch.open();
    for (const place of places) expect((await place.stopped()).status).toBe('complete');
  });

  it('do not make a paused goal wait: its place goes to the next', async () => {
    await using world = await ApiWorld.start(ONE_AT_A_TIME);
    const first = await world.place(() => ({ text: 'Late.', delayMs: 60_000 }));
    const second = await world.place(() => CLAIM);
    await first.setGoal({ objective: 'Hang.' });
    await eventually('the first is asked', () => first.asked().length === 1);
    await second.setGoal({ objective: 'Do it.' });
    expect(second.asked()).toEqual([]);
    await world.ws.request(requests.threadGoalPause, { threadId: first.threadId });
    expect((await second.stopped()).status).toBe('complete');
  });

  it('a queued goal that is cleared never starts', async () => {
    await using world = await ApiWorld.start(ONE_AT_A_TIME);
    const latch = new Latch();
    const first = await world.place(() => latch.thenReply(CLAIM));
    const second = await world.place(() => CLAIM);
    await first.setGoal({ objective: 'Hang.' });
    await eventually('the first is asked', () => first.asked().length === 1);
    await second.setGoal({ objective: 'Do it.' });
    await world.ws.request(requests.threadGoalClear, { threadId: second.threadId });
    latch.open();
    await first.stopped();
    await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === first.threadId,
    );
    expect(second.asked()).toEqual([]);
  });

  it('a user who speaks in another thread is answered all the same', async () => {
    await using world = await ApiWorld.start(ONE_AT_A_TIME);
    const latch = new Latch();
    const busy = await world.place(() => latch.thenReply(CLAIM));
    const chat = await world.place(() => says('Hello.'));
    await busy.setGoal({ objective: 'Hang.' });
    await eventually('the goal is at work', () => busy.asked().length === 1);
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId: chat.threadId,
      input: input('Hi'),
    });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
    latch.open();
    expect((await busy.stopped()).status).toBe('complete');
  });
});
