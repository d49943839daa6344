import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import type { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, input, Latch } from '../api/support/scripts.js';
import { ended, FILES, made, say, startedTurns, WAITS } from './support/edges.js';

/** All that a daemon wrote into its logs. */
async function logOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.join('');
}

/** Runs of the gate that have ended, by their events. */
async function finishedRuns(client: RpcClient, threadId: string): Promise<readonly GoalEvent[]> {
  const { data } = await client.request(requests.goalEventsList, { threadId, limit: 5000 });
  return data.filter((event) => event.type === 'verification.finished');
}

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({ engine: { ...QUICK.engine, maxRequestsWithoutProgress: 5 } });
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a turn without a goal', () => {
  it('ends when it has made no progress for too many requests', async () => {
    let n = 0;
    const place = await world.place(() =>
      calls(toolCall('read_file', { path: 'a.txt', limit: (n += 1) })),
    );
    expect((await ended(world, (await say(world, place, 'Read on.')).id)).status).toBe('completed');
    expect(place.asked()).toHaveLength(5);
  });

  it('goes on beyond that while it changes files', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n > 12
        ? says('Done.')
        : calls(toolCall('shell', { command: `echo ${String(n)} >> a.txt` }));
    });
    await ended(world, (await say(world, place, 'Count.')).id);
    expect(place.asked()).toHaveLength(13);
  });

  it('makes way for a goal that is set behind it', async () => {
    const latch = new Latch();
    const place = await world.place(
      byProgress(() => latch.thenReply(calls(toolCall('read_file', { path: 'a.txt' }))), CLAIM),
    );
    const { id } = await say(world, place, 'Read on.');
    await eventually('the model is asked', () => place.asked().length === 1);
    await place.setGoal({ objective: 'Do it.' });
    latch.open();
    expect((await ended(world, id)).status).toBe('completed');
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(place.asked()).toHaveLength(2);
    expect(startedTurns(world, place)).toHaveLength(2);
  });
});

describe('a single failure at the end of a turn', () => {
  it.each(['turn.beforeEnd', 'turn.afterEnd'])(
    'stops neither goal nor thread (%s)',
    async (name) => {
      await using setup = await goalSetup({
        script: byProgress(says('Next.'), CLAIM, says('Hello.')),
        daemon: { throwAt: name },
      });
      const { threadId } = setup;
      await setup.setGoal({ objective: 'Do it.' });
      expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
      expect(await logOf(setup.daemon.paths.logs)).toContain(`failpoint ${name}`);
      await eventually('the thread is idle', async () => {
        const { thread } = await setup.client.request(requests.threadRead, { threadId });
        return thread.status.type === 'idle';
      });
      const { turn } = await setup.client.request(requests.turnStart, {
        threadId,
        input: input('Hi'),
      });
      await setup.client.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
      expect(setup.client.all(notifications.turnCompleted)).toHaveLength(3);
      expect(setup.model.requests).toHaveLength(3);
    },
  );
});

describe('a gate that is stopped', () => {
  const verification = [{ name: 'waits', command: WAITS }];

  it('by a pause leaves a void run, with its event', async () => {
    const place = await world.place(() => CLAIM, { files: FILES });
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.', verification });
    await made(place, 'out.begun');
    await world.ws.request(requests.threadGoalPause, { threadId });
    await ended(world, startedTurns(world, place)[0]?.id ?? '');
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report.verification.map((run) => run.status)).toEqual(['void']);
    const events = await finishedRuns(world.ws, threadId);
    expect(events.map((event) => event.data['status'])).toEqual(['void']);
  });

  it('by a kill of the daemon leaves a void run, with its event', async () => {
    await using setup = await goalSetup({ script: () => CLAIM });
    const { threadId } = setup;
    await setup.setGoal({
      objective: 'Do it.',
      verification: [{ name: 'waits', command: 'sleep 60' }],
    });
    await setup.client.until(
      notifications.threadGoalUpdated,
      ({ goal }) => goal.phase === 'verifying',
    );
    await eventually('the run has begun', async () => {
      const { report } = await setup.client.request(requests.goalReport, { threadId });
      return report.verification.length === 1;
    });
    await setup.daemon.kill('SIGKILL');
    await setup.restart({ config: { ...QUICK, restartPolicy: 'pause' } });
    const { report } = await setup.client.request(requests.goalReport, { threadId });
    expect(report.verification.map((run) => run.status)).toEqual(['void']);
    const events = await finishedRuns(setup.client, threadId);
    expect(events.map((event) => event.data['status'])).toEqual(['void']);
  });
});
