import { requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { QUICK } from '../../helpers/goal-setup.js';
import { calls, sequence, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, Latch } from '../api/support/scripts.js';
import { refused } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(QUICK);
});
afterAll(() => world[Symbol.asyncDispose]());

/** A goal that has two commands running beside its turn. */
async function twoRunning(latch: Latch): Promise<string> {
  const background = (command: string): ReturnType<typeof toolCall> =>
    toolCall('shell', { command, background: true });
  const place = await world.place(
    sequence(calls(background('sleep 61'), background('sleep 62')), () => latch.thenReply(CLAIM)),
  );
  await place.setGoal({ objective: 'Do it.' });
  await eventually('both run', async () => (await running(place.threadId)).length === 2);
  return place.threadId;
}

async function running(threadId: string): Promise<string[]> {
  const { data } = await world.ws.request(requests.threadBackgroundTerminalsList, { threadId });
  return data.map(({ command }) => command);
}

describe('thread/backgroundTerminals', () => {
  it('are ended one by one, and all at once', async () => {
    const latch = new Latch();
    const threadId = await twoRunning(latch);
    const end = async (processId: string): Promise<boolean> =>
      (await world.ws.request(requests.threadBackgroundTerminalsTerminate, { threadId, processId }))
        .terminated;
    expect(await end('1')).toBe(true);
    expect(await running(threadId)).toEqual(['sleep 62']);
    expect(await end('1')).toBe(false);
    expect(await end('seven')).toBe(false);
    await world.ws.request(requests.threadBackgroundTerminalsClean, { threadId });
    expect(await running(threadId)).toEqual([]);
    latch.open();
  });

  it('are ended by a user alone, in a thread that is there', async () => {
    const latch = new Latch();
    const threadId = await twoRunning(latch);
    const clean = requests.threadBackgroundTerminalsClean;
    expect(await refused(world.ws.request(clean, { threadId, origin: 'automatic' }))).toMatchObject(
      { code: 'policy_refused' },
    );
    expect(await running(threadId)).toHaveLength(2);
    const nobody = '01999999-0000-7000-8000-000000000000';
    expect(await refused(world.ws.request(clean, { threadId: nobody }))).toMatchObject({
      code: 'thread_not_found',
    });
    latch.open();
  });
});
