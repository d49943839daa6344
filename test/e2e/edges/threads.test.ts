import { randomUUID } from 'node:crypto';
import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, input } from '../api/support/scripts.js';
import { aTurnElsewhere, DEAF, FILES, made } from './support/edges.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({ engine: { ...QUICK.engine, stopGraceMs: 800 } });
});
afterAll(() => world[Symbol.asyncDispose]());

/** A goal whose turn takes the whole grace to end. */
async function deafGoal(): Promise<Place> {
  const place = await world.place(byProgress(DEAF, CLAIM), { files: FILES });
  await place.setGoal({ objective: 'Run for ever.' });
  await made(place, 'out.begun');
  return place;
}

describe('a thread that is being deleted', () => {
  it('takes no goal to work on, and no words', async () => {
    const place = await deafGoal();
    const { threadId } = place;
    const deleted = world.ws.request(requests.threadDelete, { threadId });
    await made(place, 'out.term');
    await expect(place.setGoal({ objective: 'Another.' }, world.unix)).rejects.toMatchObject({
      rpcCode: -32600,
    });
    const words = world.unix.request(requests.turnStart, { threadId, input: input('Hello?') });
    await expect(words).rejects.toMatchObject({ rpcCode: -32600 });
    await deleted;
    await expect(place.goal()).rejects.toMatchObject({ data: { code: 'thread_not_found' } });
    await aTurnElsewhere(world);
    expect(place.asked()).toHaveLength(1);
  });

  it('takes a goal that was set meanwhile along with it', async () => {
    const place = await deafGoal();
    const { threadId, repository } = place;
    const deleted = world.ws.request(requests.threadDelete, { threadId });
    await made(place, 'out.term');
    const late = await place.setGoal({ objective: 'Later.', status: 'paused' }, world.unix);
    await deleted;
    expect((await world.ws.request(requests.goalList, { cwd: repository })).data).toEqual([]);
    const cleared = await world.unix.until(
      notifications.threadGoalCleared,
      (params) => params.threadId === threadId,
    );
    expect(cleared.threadId).toBe(threadId);
    const { data } = await world.ws.request(requests.goalEventsList, { threadId, limit: 5000 });
    const ends = data.filter((event) => event.type === 'goal.cleared');
    expect(ends).toHaveLength(2);
    expect(ends.at(-1)?.goalId).toBe(late.goalId);
    expect((await world.ws.request(requests.threadLoadedList, {})).data).not.toContain(threadId);
  });
});

describe('an archived thread', () => {
  it('runs nothing until it is unarchived, then its goal goes on by a resume', async () => {
    const place = await deafGoal();
    const { threadId } = place;
    await world.ws.request(requests.threadArchive, { threadId });
    for (const act of [
      world.ws.request(requests.threadGoalResume, { threadId }),
      place.setGoal({ status: 'active' }),
      place.setGoal({ objective: 'Another.', status: 'active' }),
      world.ws.request(requests.turnStart, { threadId, input: input('Go!'), goalMode: true }),
    ]) {
      await expect(act).rejects.toThrow(/unarchive it first/);
    }
    expect(await place.goal()).toMatchObject({ status: 'paused', objective: 'Run for ever.' });
    await aTurnElsewhere(world);
    expect(place.asked()).toHaveLength(1);
    await world.ws.request(requests.threadUnarchive, { threadId });
    await world.ws.request(requests.threadGoalResume, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
  });

  it('takes no new goal to work on', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    await world.ws.request(requests.threadArchive, { threadId });
    await expect(place.setGoal({ objective: 'Do it.' })).rejects.toThrow(/unarchive it first/);
    expect(await place.goal()).toBeNull();
    await aTurnElsewhere(world);
    expect(place.asked()).toEqual([]);
  });
});

describe('with an idempotencyKey', () => {
  it('thread/resume changes the thread and answers, the first time and again', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    const params = { threadId, model: 'another-model', idempotencyKey: randomUUID() };
    const first = await world.ws.request(requests.threadResume, params);
    const again = await world.ws.request(requests.threadResume, params);
    expect([first.model, again.model]).toEqual(['another-model', 'another-model']);
  });

  it('thread/delete answers the first time and again, and with another key says that it is gone', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    const params = { threadId, idempotencyKey: randomUUID() };
    expect(await world.ws.request(requests.threadDelete, params)).toEqual({});
    expect(await world.ws.request(requests.threadDelete, params)).toEqual({});
    const other = { threadId, idempotencyKey: randomUUID() };
    await expect(world.ws.request(requests.threadDelete, other)).rejects.toMatchObject({
      data: { code: 'thread_not_found' },
    });
  });
});
