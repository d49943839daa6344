import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, type GoalSetup } from '../../helpers/goal-setup.js';
import { says } from '../../helpers/model-server/index.js';

const HANG = { fault: { kind: 'hang' } } as const;

async function events(setup: GoalSetup): Promise<GoalEvent[]> {
  return (await setup.client.request(requests.goalEventsList, { limit: 5000 })).data;
}

/** A daemon whose goal hangs in a request, with a backup of it in that state, killed some time after. */
async function killedAtWork(): Promise<GoalSetup> {
  const setup = await goalSetup({ script: () => HANG });
  await setup.setGoal({ objective: 'Go on.' });
  await eventually('the model was asked', () => setup.model.requests.length === 1);
  // A clean stop takes the backup, with the goal active in it.
  await setup.daemon.kill('SIGTERM');
  await setup.restart();
  await eventually('the model was asked again', () => setup.model.requests.length === 2);
  await setup.client.request(requests.threadNameSet, {
    threadId: setup.threadId,
    name: 'after the backup',
  });
  await setup.daemon.kill('SIGKILL');
  return setup;
}

describe('a daemon that finds its database damaged at the start', () => {
  it('puts it aside, goes on from the last backup, and pauses what was active there instead of doing it again', async () => {
    await using setup = await killedAtWork();
    const { database, backups } = setup.daemon.paths;
    expect(readdirSync(backups)).toHaveLength(1);
    writeFileSync(database, readFileSync(database).fill(0xa5, 4096));
    rmSync(`${database}-wal`);
    await setup.restart();
    expect(setup.daemon.printed).toMatch(
      /^goald: The database was damaged .*backup of 2.*Kept aside/m,
    );
    expect(readFileSync(`${setup.daemon.paths.logs}/goald.log`, 'utf8')).toContain(
      'The database was damaged',
    );
    expect(await setup.stopped()).toMatchObject({
      status: 'paused',
      statusReason: {
        code: 'restartPolicy',
        message: expect.stringContaining('damaged') as string,
      },
    });
    const { thread } = await setup.client.request(requests.threadRead, {
      threadId: setup.threadId,
    });
    expect(thread.name).toBeNull();
    const told = (await events(setup)).filter((event) => event.type === 'daemon.recovered').at(-1);
    expect(told?.data).toMatchObject({ store: { source: 'backup' } });
    expect(
      readdirSync(setup.home).filter((name) => name.startsWith('goald.db.corrupt-')),
    ).not.toEqual([]);
    // Nothing was asked of the model without a person's word; every charge of the store adds up.
    expect(setup.model.requests).toHaveLength(2);
    const { totals } = await setup.client.request(requests.goalUsage, { threadId: setup.threadId });
    const { goal } = await setup.client.request(requests.threadGoalGet, {
      threadId: setup.threadId,
    });
    expect(totals.tokens).toBe(goal?.tokensUsed);
    // It is told once: the next start has nothing to say.
    await setup.restart();
    expect(setup.daemon.printed).not.toContain('damaged');
  });

  it('tells a client that its cursor belongs to another store', async () => {
    await using setup = await goalSetup({ script: () => says('Nothing.') });
    const { storeEpoch } = await setup.client.request(requests.goalEventsList, {});
    await setup.daemon.kill('SIGKILL');
    writeFileSync(setup.daemon.paths.database, 'garbage '.repeat(5000));
    await setup.restart();
    expect(setup.daemon.printed).toContain('There was no backup to restore');
    const subscribing = setup.client.request(requests.goalSubscribe, { sinceSeq: 0, storeEpoch });
    await expect(subscribing).rejects.toMatchObject({ data: { code: 'epoch_changed' } });
    const now = await setup.client.request(requests.goalEventsList, {});
    expect(now.storeEpoch).not.toBe(storeEpoch);
    expect(now.data.map((event) => event.type)).toEqual(['daemon.started', 'daemon.recovered']);
  });

  it('takes a deleted write-ahead log for what it is: an older store', async () => {
    await using setup = await killedAtWork();
    rmSync(`${setup.daemon.paths.database}-wal`);
    await setup.restart();
    expect(setup.daemon.printed).toMatch(/goald\.db-wal is gone/);
    expect(await setup.stopped()).toMatchObject({ statusReason: { code: 'restartPolicy' } });
    expect(setup.model.requests).toHaveLength(2);
  });
});

describe('a daemon that meets the damage while it runs', () => {
  it('answers store_unavailable, stops in order, and the next start restores', async () => {
    await using setup = await goalSetup({
      script: () => says('word '.repeat(2000)),
      config: { engine: { noProgressDelaysMs: [1, 1] } },
    });
    await setup.setGoal({ objective: 'Talk.' });
    expect(await setup.stopped()).toMatchObject({ status: 'blocked' });
    // Everything is in the file then, and in a backup.
    await setup.daemon.kill('SIGTERM');
    await setup.restart({ noPageCache: true });
    const { database } = setup.daemon.paths;
    writeFileSync(database, readFileSync(database).fill(0xa5, 4096), { flag: 'r+' });
    const reading = setup.client.request(requests.threadRead, {
      threadId: setup.threadId,
      includeTurns: true,
    });
    await expect(reading).rejects.toMatchObject({
      rpcCode: -32603,
      data: { code: 'store_unavailable', fault: 'corrupt' },
    });
    expect(await setup.daemon.ended()).toEqual({ code: 4, signal: null });
    expect(setup.daemon.printed).toContain('goald’s database is damaged');
    await setup.restart();
    expect(setup.daemon.printed).toMatch(/The database was damaged/);
    const { thread } = await setup.client.request(requests.threadRead, {
      threadId: setup.threadId,
      includeTurns: true,
    });
    expect(thread.turns).toHaveLength(3);
    expect(setup.client.all(notifications.turnStarted)).toEqual([]);
  });
});
