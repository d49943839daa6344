import { writeFile } from 'node:fs/promises';
import { notifications, requests, type ConfigInput } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { QUICK } from '../../helpers/goal-setup.js';
import {
  byProgress,
  calls,
  says,
  sequence,
  toolCall,
  type ScriptedReply,
} from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, Latch, runs } from '../api/support/scripts.js';
import {
  aTurnElsewhere,
  ended,
  FILES,
  heard,
  LEAVES_DEAF,
  say,
  startedTurns,
} from './support/edges.js';

/** What the model was sent, an item a text. */
function inputOf(place: Place, request: number): string[] {
  const items = place.asked()[request]?.body['input'];
  if (!Array.isArray(items)) throw new Error(`There is no request ${String(request)}.`);
  return items.map((item: { type?: string; role?: string }) =>
    item.type === 'message' || item.type === undefined ? (item.role ?? '') : item.type,
  );
}

describe('the model', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.start();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('reads its reasoning and the call it led to side by side when a user speaks between them', async () => {
    const place = await world.place(
      byProgress(
        {
          reasoning: 'I should read the file first.',
          toolCalls: [toolCall('read_file', { path: 'a.txt' })],
          pieceDelayMs: 40,
        },
        says('Done.'),
      ),
    );
    const { threadId } = place;
    const first = await say(world, place, 'FIRST-WORDS');
    await world.ws.until(
      notifications.itemStarted,
      (params) => params.threadId === threadId && params.item.type === 'reasoning',
    );
    expect((await say(world, place, 'SECOND-WORDS')).id).toBe(first.id);
    await ended(world, first.id);
    expect(inputOf(place, 1)).toEqual([
      'user',
      'reasoning',
      'function_call',
      'function_call_output',
      'user',
    ]);
    expect(place.asked()[1]?.rawBody).toContain('SECOND-WORDS');
  });

  it('reads a notice although the first request that carried it failed', async () => {
    const place = await world.place(
      sequence(says('Soon.'), { fault: { kind: 'status', status: 500 } }, CLAIM),
    );
    await place.setGoal({ objective: 'Do it.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    const noticed = place.asked().map((request) => request.rawBody.includes('made no progress'));
    expect(noticed).toEqual([false, true, true]);
  });

  it('begins anew with its idle turns when a user edits the goal in the last of them', async () => {
    const latch = new Latch();
    const place = await world.place(
      sequence(
        says('Soon.'),
        says('Soon.'),
        () => latch.thenReply(says('Soon.')),
        says('Soon.'),
        says('Soon.'),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Do it.' });
    await eventually('the third turn is at work', () => place.asked().length === 3);
    await place.setGoal({ objective: 'Do it in better words.' });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 6 });
    expect(place.asked()[3]?.rawBody).toContain('The user has just edited this goal.');
  });

  it('is stopped by the same command with the same output, however long it took each time', async () => {
    const look = runs('echo x >> out.n; [ $(wc -l < out.n) = 3 ] && sleep 1.1; echo same');
    const place = await world.place(sequence(...Array<ScriptedReply>(6).fill(look), CLAIM), {
      files: FILES,
    });
    await place.setGoal({ objective: 'Look.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(place.asked()[3]?.rawBody).toContain('try another way');
  });
});

describe('without goal tools', () => {
  it('the model is told the objective all the same', async () => {
    await using world = await ApiWorld.start({ ...QUICK, features: { goalTools: false } });
    const place = await world.place(() => says('Soon.'));
    await place.setGoal({ objective: 'THE-OBJECTIVE' });
    expect((await place.stopped()).statusReason?.code).toBe('noProgress');
    const told = place.asked().map((request) => request.rawBody.includes('THE-OBJECTIVE'));
    expect(told).toEqual([true, true, true]);
  });
});

describe('goals that are switched off in the configuration', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.start({ engine: { ...QUICK.engine, stopGraceMs: 800 } });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  async function configure(place: Place, goals: boolean): Promise<void> {
    const config: ConfigInput = {
      engine: { ...QUICK.engine, stopGraceMs: 800 },
      features: { goals },
    };
    await writeFile(world.daemon.paths.config, JSON.stringify(config));
    await eventually(`goals are ${goals ? 'on' : 'off'}`, () =>
      place.goal().then(
        () => goals,
        () => !goals,
      ),
    );
  }

  /** A goal whose first turn ended after goals were switched off. */
  async function standingGoal(...replies: readonly ScriptedReply[]): Promise<Place> {
    const latch = new Latch();
    const place = await world.place(
      sequence(() => latch.thenReply(says('Soon.')), ...replies),
      { files: FILES },
    );
    await configure(place, true);
    await place.setGoal({ objective: 'THE-OBJECTIVE' });
    await heard(place, 'THE-OBJECTIVE');
    await configure(place, false);
    latch.open();
    await ended(world, startedTurns(world, place)[0]?.id ?? '');
    return place;
  }

  it('get no turns, and go on by themselves once switched on again', async () => {
    const place = await standingGoal(CLAIM);
    await aTurnElsewhere(world);
    expect(place.asked()).toHaveLength(1);
    await configure(place, true);
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
  });

  it('have no part in a user’s turn, which goes on to its own end', async () => {
    const read = calls(toolCall('read_file', { path: 'a.txt' }));
    const place = await standingGoal(read, says('Hello.'), CLAIM);
    await ended(world, (await say(world, place, 'Hi')).id);
    expect(place.asked()).toHaveLength(3);
    for (const { rawBody } of place.asked().slice(1)) {
      expect(rawBody).not.toContain('THE-OBJECTIVE');
      expect(rawBody).not.toContain('made no progress');
    }
    await configure(place, true);
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    const { data } = await world.ws.request(requests.goalUsage, { threadId: place.threadId });
    expect(data).toHaveLength(2);
  });

  it('do not keep what a user says at the end of a turn from being answered', async () => {
    const place = await standingGoal(LEAVES_DEAF, says('Done.'), says('Also done.'), CLAIM);
    const { threadId } = place;
    // In a sandbox nothing outlives its command, and the turn ends too soon for this.
    const free = { threadId, sandbox: 'danger-full-access' } as const;
    await world.ws.request(requests.threadResume, free);
    const { id } = await say(world, place, 'FIRST-WORDS');
    await world.ws.until(
      notifications.itemCompleted,
      ({ item, ...params }) =>
        params.threadId === threadId && params.turnId === id && item.type === 'agentMessage',
    );
    expect((await say(world, place, 'SECOND-WORDS')).id).toBe(id);
    await heard(place, 'SECOND-WORDS');
    await configure(place, true);
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
  });
});
