import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, type GoalEvent, type GoalReport } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalSetup } from '../../helpers/goal-setup.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const FILES = { 'src/a.txt': 'one\n', 'keep/b.txt': 'one\n' };
const deny = (...patterns: string[]) => ({ constraints: { paths: { deny: patterns } } });

async function reportOf({ threadId }: { threadId: string }): Promise<GoalReport> {
  return (await world.ws.request(requests.goalReport, { threadId })).report;
}

async function breachEvents({ threadId }: Place): Promise<GoalEvent[]> {
  const { data } = await world.ws.request(requests.goalEventsList, { threadId, limit: 5000 });
  return data.filter((event) => event.type === 'policy.breached');
}

const read = (place: Place, path: string): Promise<string> =>
  readFile(join(place.repository, path), 'utf8');

describe('path constraints', () => {
  it('undo at once what a command changed against them, and tell the model and the users', async () => {
    const place = await world.place(
      byProgress(runs('echo two > src/a.txt; echo two > keep/b.txt; echo new > keep/c.txt'), CLAIM),
      { files: FILES },
    );
    await place.setGoal({
      objective: 'Do it.',
      ...deny('keep/'),
      verification: [{ name: 'kept', command: 'test "$(cat keep/b.txt)" = one' }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
    expect(await read(place, 'src/a.txt')).toBe('two\n');
    expect(await read(place, 'keep/b.txt')).toBe('one\n');
    expect(existsSync(join(place.repository, 'keep/c.txt'))).toBe(false);
    const told = place.asked()[1]?.rawBody ?? '';
    expect(told).toContain('Undone by goald');
    expect(told).toContain('keep/b.txt (deny keep/)');
    expect(told).toContain('never touch: keep/');
    const breaches = [
      { path: 'keep/c.txt', change: 'added', rule: 'deny keep/', undone: true },
      { path: 'keep/b.txt', change: 'modified', rule: 'deny keep/', undone: true },
    ];
    expect(await breachEvents(place)).toMatchObject([{ data: { breaches } }]);
    const report = await reportOf(place);
    expect(report.pathBreaches).toMatchObject(breaches);
    expect(report.diffStat?.files.map(({ path }) => path)).toEqual(['src/a.txt']);
    expect(await readFile(report.pathBreaches[1]?.keptAs ?? '', 'utf8')).toBe('two\n');
  });

  it('make apply_patch refuse before anything is written', async () => {
    const patch = [
      '*** Begin Patch',
      '*** Update File: src/a.txt',
      '-one',
      '+two',
      '*** Update File: keep/b.txt',
      '*** Move to: src/b.txt',
      '-one',
      '+two',
      '*** End Patch',
    ].join('\n');
    const place = await world.place(byProgress(calls(toolCall('apply_patch', { patch })), CLAIM), {
      files: FILES,
    });
    await place.setGoal({
      objective: 'Do it.',
      constraints: { paths: { allow: ['src/**'] } },
    });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(await read(place, 'src/a.txt')).toBe('one\n');
    expect(await read(place, 'keep/b.txt')).toBe('one\n');
    const told = place.asked()[1]?.rawBody ?? '';
    expect(told).toContain('keep/b.txt');
    expect(told).toContain('path constraints');
    expect(told).toContain('Nothing was changed');
    expect((await reportOf(place)).pathBreaches).toEqual([]);
  });

  it('stop the goal where a change cannot be undone, and a resume goes on from there', async () => {
    const large = 'x'.repeat(1024 * 1024 + 10);
    const place = await world.place(
      byProgress(runs('echo small > keep/large.txt'), says('Never asked for.'), CLAIM),
      { files: FILES },
    );
    await writeFile(join(place.repository, 'keep/large.txt'), large);
    await place.setGoal({ objective: 'Do it.', ...deny('keep/') });
    const goal = await place.stopped();
    expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'policy' } });
    expect(goal.statusReason?.detail).toContain('keep/large.txt');
    expect(goal.statusReason?.detail).toContain('larger than 1 MiB');
    expect(await read(place, 'keep/large.txt')).toBe('small\n');
    expect(place.asked()).toHaveLength(1);
    place.setScript(() => CLAIM);
    await world.ws.request(requests.threadGoalResume, { threadId: place.threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect((await reportOf(place)).pathBreaches).toHaveLength(1);
  });

  it('reach what a command does in the background until the turn ends', async () => {
    const late =
      '(trap "echo late > keep/b.txt; exit" TERM; touch out; while :; do sleep 0.05; done)';
    const place = await world.place(
      byProgress(
        runs(`${late} > /dev/null 2>&1 & until [ -e out ]; do sleep 0.02; done`),
        says('Done.'),
      ),
      { files: FILES },
    );
    // In a sandbox nothing outlives its command.
    const free = { sandbox: 'danger-full-access' } as const;
    await place.setGoal({ objective: 'Do it.', maxTurns: 1, ...free, ...deny('keep/') });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited' });
    expect(await read(place, 'keep/b.txt')).toBe('one\n');
    expect((await reportOf(place)).pathBreaches).toMatchObject([
      { path: 'keep/b.txt', undone: true },
    ]);
  });

  it('that could name no file are refused when they are set', async () => {
    const place = await world.place(() => CLAIM);
    for (const pattern of ['../x', '# note', ' ']) {
      await expect(place.setGoal({ objective: 'Do it.', ...deny(pattern) })).rejects.toMatchObject({
        data: { code: 'invalid_params' },
      });
    }
    expect(await place.goal()).toBeNull();
  });

  it('leave alone what was forbidden but came with a kill -9, and stop the goal for a person', async () => {
    await using setup = await goalSetup({
      script: byProgress(runs('echo two > a.txt'), CLAIM),
      daemon: { dieAt: 'tool.beforeOutput' },
    });
    await setup.setGoal({ objective: 'Do it.', ...deny('a.txt') });
    expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
    await setup.restart();
    const goal = await setup.stopped();
    expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'policy' } });
    expect(goal.statusReason?.detail).toContain('the daemon stopped');
    expect(await readFile(join(setup.repository, 'a.txt'), 'utf8')).toBe('two\n');
  });

  it.each(['guard.found', 'guard.undone'])(
    'are told of once over a kill -9 at %s',
    async (dieAt) => {
      await using setup = await goalSetup({
        script: byProgress(runs('echo two > a.txt'), CLAIM),
        daemon: { dieAt },
      });
      const { threadId } = setup;
      await setup.setGoal({ objective: 'Do it.', ...deny('a.txt') });
      expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
      await setup.restart();
      const isUndone = dieAt === 'guard.undone';
      expect((await setup.stopped()).status).toBe(isUndone ? 'complete' : 'blocked');
      const { report } = await setup.client.request(requests.goalReport, { threadId });
      expect(report.pathBreaches).toMatchObject([{ path: 'a.txt', undone: isUndone }]);
    },
  );
});
