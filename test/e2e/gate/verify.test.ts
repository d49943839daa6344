import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, type SandboxMode, type VerificationRun } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, Latch } from '../api/support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const IGNORED = { 'a.txt': 'one\n', '.gitignore': 'out*\n' };
const WAITS = 'echo $$ > out.pid; touch out.begun; while [ ! -e out.go ]; do sleep 0.02; done';

async function verify({ threadId }: Place): Promise<VerificationRun> {
  return (await world.ws.request(requests.goalVerify, { threadId })).run;
}

async function paused(
  verification: { name: string; command: string }[],
  sandbox: SandboxMode | null = null,
): Promise<Place> {
  const place = await world.place(() => CLAIM, { files: IGNORED });
  await place.setGoal({ objective: 'Do it.', status: 'paused', verification, sandbox });
  return place;
}

const begun = (place: Place): Promise<unknown> =>
  eventually('the command runs', () => existsSync(join(place.repository, 'out.begun')));
const go = (place: Place): Promise<void> => writeFile(join(place.repository, 'out.go'), '');

describe('goal/verify', () => {
  it('runs the commands without a model and leaves the goal as it is', async () => {
    const place = await paused([
      { name: 'green', command: 'true' },
      { name: 'one', command: 'grep one a.txt' },
    ]);
    const before = await place.goal();
    const run = await verify(place);
    expect(run).toMatchObject({
      status: 'passed',
      requestedBy: 'user',
      turnId: null,
      results: [{ exitCode: 0 }, { exitCode: 0 }],
    });
    await writeFile(join(place.repository, 'a.txt'), 'two\n');
    expect(await verify(place)).toMatchObject({
      status: 'failed',
      results: [{ exitCode: 0 }, { name: 'one', exitCode: 1 }],
    });
    expect(await place.goal()).toEqual(before);
    expect(place.asked()).toEqual([]);
    const { threadId } = place;
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report.verification.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(report.refusals).toEqual([]);
    const { data } = await world.ws.request(requests.goalEventsList, { threadId, limit: 100 });
    const finished = data.filter((event) => event.type === 'verification.finished');
    expect(finished.map((event) => event.data['requestedBy'])).toEqual(['user', 'user']);
  });

  it('is void when files change while it runs', async () => {
    const place = await paused([{ name: 'waits', command: WAITS }]);
    const running = verify(place);
    await begun(place);
    await writeFile(join(place.repository, 'a.txt'), 'two\n');
    await go(place);
    expect(await running).toMatchObject({
      status: 'void',
      reason: 'Files changed while it ran: a.txt',
    });
  });

  it('says what is missing', async () => {
    const none = await world.place(() => CLAIM);
    await expect(verify(none)).rejects.toMatchObject({ data: { code: 'goal_not_found' } });
    const bare = await paused([]);
    await expect(verify(bare)).rejects.toMatchObject({ data: { code: 'invalid_request' } });
    const threadId = 'nowhere';
    await expect(world.ws.request(requests.goalVerify, { threadId })).rejects.toMatchObject({
      data: { code: 'thread_not_found' },
    });
  });

  it('works while a turn acts, and is refused while the turn runs the gate', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(CLAIM), { files: IGNORED });
    await writeFile(join(place.repository, 'out.go'), '');
    await place.setGoal({
      objective: 'Do it.',
      verification: [{ name: 'waits', command: `${WAITS}; rm -f out.begun out.go` }],
    });
    await eventually('the model is asked', () => place.asked().length === 1);
    expect((await verify(place)).status).toBe('passed');
    latch.open();
    await begun(place);
    await expect(verify(place)).rejects.toMatchObject({ data: { code: 'invalid_transition' } });
    await go(place);
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
  });

  it('makes the gate wait for its end', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(CLAIM), { files: IGNORED });
    const log = `${WAITS}; echo end >> out.log`;
    await place.setGoal({ objective: 'Do it.', verification: [{ name: 'waits', command: log }] });
    const running = verify(place);
    await begun(place);
    latch.open();
    await go(place);
    expect((await running).status).toBe('passed');
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
    expect(await readFile(join(place.repository, 'out.log'), 'utf8')).toBe('end\nend\n');
  });

  it('ends with all its processes when the asker goes away, and does not count', async () => {
    // In a sandbox processes have numbers of their own.
    const place = await paused([{ name: 'waits', command: WAITS }], 'danger-full-access');
    const { threadId } = place;
    const asker = await world.another();
    const asked = asker.request(requests.goalVerify, { threadId }).catch(() => 'gone');
    await begun(place);
    const pid = (await readFile(join(place.repository, 'out.pid'), 'utf8')).trim();
    await asker[Symbol.asyncDispose]();
    await asked;
    const run = await eventually('the run ends', async () => {
      const { report } = await world.ws.request(requests.goalReport, { threadId });
      const [newest] = report.verification;
      return newest?.status === 'running' ? null : newest;
    });
    expect(run).toMatchObject({ status: 'void', reason: 'It was cancelled.' });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('is void after a kill -9 of the daemon, and the next one runs', async () => {
    await using setup = await goalSetup({
      script: () => CLAIM,
      daemon: { dieAt: 'verify.beforeEnd' },
    });
    const { threadId } = setup;
    const verification = [{ name: 'green', command: 'true' }];
    await setup.setGoal({ objective: 'Do it.', status: 'paused', verification });
    const asked = setup.client.request(requests.goalVerify, { threadId }).catch(() => null);
    expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
    await asked;
    await setup.restart();
    const { run } = await setup.client.request(requests.goalVerify, { threadId });
    expect(run.status).toBe('passed');
    const { report } = await setup.client.request(requests.goalReport, { threadId });
    expect(report.verification.map(({ status }) => status)).toEqual(['passed', 'void']);
  });
});
