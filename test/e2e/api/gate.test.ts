import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, type GoalReport } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from './support/api-world.js';
import { CLAIM, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

async function reportOf(place: Place): Promise<GoalReport> {
  const { threadId } = place;
  return (await world.ws.request(requests.goalReport, { threadId })).report;
}

/** Waits until the gate's command has made this file in the repository. */
async function gateRuns(place: Place, file: string): Promise<void> {
  await eventually('the gate runs', () => existsSync(join(place.repository, file)));
}

const IGNORED = { 'a.txt': 'one\n', '.gitignore': 'out*\n' };
/** Says that it runs, then waits until it may end. Both files are ignored by git. */
const WAITS = 'touch out.begun; while [ ! -e out.go ]; do sleep 0.02; done';

describe('the gate', () => {
  it('completes a goal without verification as not verified', async () => {
    const place = await world.place(() => CLAIM);
    await place.setGoal({ objective: 'Do it.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: false });
    expect((await reportOf(place)).verification).toEqual([]);
  });

  it('runs every command in the goal’s folder, shows it, and completes the goal as verified', async () => {
    const place = await world.place(() => CLAIM);
    await place.setGoal({
      objective: 'Do it.',
      verification: [
        { name: 'here', command: 'test "$(cat a.txt)" = one && echo fine' },
        { name: 'quick', command: 'true', timeoutSeconds: 5 },
      ],
    });
    expect(await place.stopped()).toMatchObject({
      status: 'complete',
      verified: true,
      statusReason: { code: 'completed' },
    });
    const [run] = (await reportOf(place)).verification;
    expect(run).toMatchObject({
      status: 'passed',
      results: [
        { name: 'here', exitCode: 0, timedOut: false },
        { name: 'quick', exitCode: 0, timedOut: false },
      ],
    });
    expect(run?.results[0]?.digest).toContain('fine');
    const phases = world.ws
      .all(notifications.threadGoalUpdated)
      .filter((params) => params.threadId === place.threadId)
      .map((params) => params.goal.phase);
    expect(phases).toContain('verifying');
  });

  it('gives the model what failed as evidence, and always runs again', async () => {
    const place = await world.place(byProgress(CLAIM, CLAIM, runs('echo two > a.txt'), CLAIM));
    await place.setGoal({
      objective: 'Make it two.',
      // It leaves a trace where the goal's tree does not change.
      sandbox: 'danger-full-access',
      verification: [
        { name: 'count', command: 'echo x >> ../runs.$(basename "$PWD")' },
        { name: 'two', command: 'echo "a.txt says $(cat a.txt)"; grep -q two a.txt' },
      ],
    });
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
    const runsFile = `${place.repository.replace(/[^/]+$/, '')}runs.${place.repository.split('/').at(-1) ?? ''}`;
    expect(await readFile(runsFile, 'utf8')).toBe('x\nx\nx\n');
    expect((await reportOf(place)).verification.map((run) => run.status)).toEqual([
      'passed',
      'failed',
      'failed',
    ]);
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('a.txt says one');
  });

  it('lets a check write files that git ignores', async () => {
    const place = await world.place(() => CLAIM, { files: IGNORED });
    await place.setGoal({
      objective: 'Do it.',
      verification: [{ name: 'builds', command: 'mkdir -p out && date +%N > out/result' }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
    expect((await reportOf(place)).verification).toHaveLength(1);
  });

  it('ends a check that takes too long and refuses completion', async () => {
    const place = await world.place(byProgress(CLAIM, says('Then not.')));
    await place.setGoal({
      objective: 'Do it.',
      maxTurns: 1,
      verification: [{ name: 'slow', command: 'echo begun; sleep 100', timeoutSeconds: 1 }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited', verified: false });
    const [run] = (await reportOf(place)).verification;
    expect(run).toMatchObject({
      status: 'failed',
      results: [{ name: 'slow', exitCode: null, timedOut: true }],
    });
    expect(run?.results[0]?.durationMs).toBeLessThan(10_000);
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toMatch(/timed out/i);
  });

  it('does not complete a goal that was edited while it ran', async () => {
    const place = await world.place(byProgress(CLAIM, says('Oh.')), { files: IGNORED });
    const verification = [{ name: 'waits', command: WAITS }];
    await place.setGoal({ objective: 'The first thing.', maxTurns: 1, verification });
    await gateRuns(place, 'out.begun');
    await place.setGoal({ objective: 'Another thing.' }, world.unix);
    await writeFile(join(place.repository, 'out.go'), '');
    expect(await place.stopped()).toMatchObject({
      status: 'budgetLimited',
      objective: 'Another thing.',
      verified: false,
    });
    expect((await reportOf(place)).verification[0]?.status).toBe('void');
    expect(place.asked()).toHaveLength(2);
    expect(place.asked()[1]?.rawBody).toContain('Another thing.');
  });

  it('does not complete by a tree that changed while it ran', async () => {
    const place = await world.place(byProgress(CLAIM, says('Oh.')), { files: IGNORED });
    await place.setGoal({
      objective: 'Do it.',
      maxTurns: 1,
      verification: [{ name: 'writes', command: 'date +%N >> a.txt' }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited', verified: false });
    expect((await reportOf(place)).verification.map((run) => run.status)).not.toContain('passed');
  });

  it('ends with a pause, all its processes dead, and the goal not complete', async () => {
    const place = await world.place(() => CLAIM, { files: IGNORED });
    const { threadId } = place;
    await place.setGoal({
      objective: 'Do it.',
      // In a sandbox processes have numbers of their own.
      sandbox: 'danger-full-access',
      verification: [{ name: 'waits', command: `echo $$ > out.pid; ${WAITS}` }],
    });
    await gateRuns(place, 'out.begun');
    const pid = (await readFile(join(place.repository, 'out.pid'), 'utf8')).trim();
    await world.ws.request(requests.threadGoalPause, { threadId });
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(await place.goal()).toMatchObject({ status: 'paused', verified: false });
    expect((await reportOf(place)).verification.map((run) => run.status)).not.toContain('running');
    expect(place.asked()).toHaveLength(1);
  });

  it('charges no time and asks for nothing after a user completed the goal in its midst', async () => {
    const place = await world.place(() => CLAIM, { files: IGNORED });
    await place.setGoal({ objective: 'Do it.', verification: [{ name: 'waits', command: WAITS }] });
    await gateRuns(place, 'out.begun');
    await place.setGoal({ status: 'complete' }, world.unix);
    await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === place.threadId,
    );
    expect(await place.goal()).toMatchObject({ status: 'complete', verified: false });
    expect((await reportOf(place)).verification.map((run) => run.status)).not.toContain('running');
    expect(place.asked()).toHaveLength(1);
  });

  it('is not fooled by a second proposal in the same response', async () => {
    const place = await world.place(
      byProgress(
        calls(
          toolCall('set_goal', { progress: { summary: 'nearly', percent: 99 } }),
          ...(CLAIM.toolCalls ?? []),
          ...(CLAIM.toolCalls ?? []),
        ),
        says('Oh.'),
      ),
    );
    await place.setGoal({
      objective: 'Do it.',
      maxTurns: 1,
      verification: [{ name: 'once', command: 'false' }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited' });
    expect((await reportOf(place)).verification).toHaveLength(1);
  });
});
