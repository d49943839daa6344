import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, type GoalReport, type SandboxMode, type VerificationRun } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({
    ...QUICK,
    verification: { logBytes: 20_000 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const IGNORED = { 'a.txt': 'one\n', '.gitignore': 'out*\ncoverage\n' };
type Command = NonNullable<Parameters<Place['setGoal']>[0]['verification']>[number];

async function reportOf({ threadId }: Place): Promise<GoalReport> {
  return (await world.ws.request(requests.goalReport, { threadId })).report;
}

/** A goal whose completion is proposed once; answers the newest run. */
async function gated(...verification: Command[]): Promise<{ place: Place; run: VerificationRun }> {
  return gatedIn(null, ...verification);
}

async function gatedIn(
  sandbox: SandboxMode | null,
  ...verification: Command[]
): Promise<{ place: Place; run: VerificationRun }> {
  const place = await world.place(byProgress(CLAIM, says('So be it.')), { files: IGNORED });
  await place.setGoal({ objective: 'Do it.', maxTurns: 1, verification, sandbox });
  await place.stopped();
  const [run] = (await reportOf(place)).verification;
  if (run === undefined) throw new Error('no run');
  return { place, run };
}

/** A process that nobody has waited for yet has no command line any more. */
const GONE = '! tr "\\0" " " < "/proc/$(cat out.pid)/cmdline" | grep -q sleep';

describe('a verification command', () => {
  it('that waits on stdin finds its end there', async () => {
    const { run } = await gated({ name: 'asks', command: 'read -r answer; echo "got $?"' });
    expect(run).toMatchObject({ status: 'passed', results: [{ name: 'asks', exitCode: 0 }] });
    expect(run.results[0]?.digest).toContain('got 1');
  });

  it('that a signal ends is a failure which names the signal', async () => {
    const { place, run } = await gatedIn('danger-full-access', {
      name: 'crash',
      command: 'kill -SEGV $$',
    });
    expect(run).toMatchObject({
      status: 'failed',
      results: [{ exitCode: null, signal: 'SIGSEGV', timedOut: false }],
    });
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('ended by SIGSEGV');
  });

  it('that a signal ends in a sandbox is a failure with the exit code of a shell', async () => {
    const { run } = await gatedIn('workspace-write', { name: 'crash', command: 'kill -SEGV $$' });
    expect(run).toMatchObject({ status: 'failed', results: [{ exitCode: 139, timedOut: false }] });
  });

  it('does not leave a process behind, and the next one does not meet it', async () => {
    const { run } = await gatedIn(
      'danger-full-access',
      { name: 'serves', command: 'sleep 300 & echo $! > out.pid; setsid sleep 301 & true' },
      { name: 'gone', command: GONE },
    );
    expect(run.status).toBe('passed');
    expect(run.results[0]?.leftProcesses).toBeGreaterThanOrEqual(2);
    expect(run.results[1]?.leftProcesses).toBe(0);
  });

  it('that floods is kept within limits: all of the digest, the log up to its limit', async () => {
    const { run } = await gated({
      name: 'floods',
      command: 'yes 0123456789 | head -c 5000000; echo not ok the end; exit 3',
    });
    const [result] = run.results;
    expect(result).toMatchObject({ exitCode: 3, log: { bytes: 20_000, truncated: true } });
    expect(result?.digest).toContain('not ok the end');
    expect(result?.digest.length).toBeLessThan(5000);
    expect((await stat(result?.log?.path ?? '')).size).toBe(20_000);
  });

  it('keeps its whole output as a log of the daemon', async () => {
    const { run } = await gated({ name: 'a b/c', command: 'echo fine; echo too >&2' });
    const path = run.results[0]?.log?.path ?? '';
    expect(path.startsWith(join(world.home, 'outputs'))).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('fine\ntoo\n');
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('has what is left of the time for all of them; the next is not run', async () => {
    await using setup = await goalSetup({
      script: byProgress(CLAIM, says('So be it.')),
      config: { ...QUICK, verification: { gateSeconds: 1 } },
    });
    const { client, threadId } = setup;
    const verification = [
      { name: 'slow', command: 'sleep 100', timeoutSeconds: 60 },
      { name: 'late', command: 'true' },
    ];
    await setup.setGoal({ objective: 'Do it.', maxTurns: 1, verification });
    expect(await setup.stopped()).toMatchObject({ verified: false });
    const { report } = await client.request(requests.goalReport, { threadId });
    const run = report.verification[0] ?? { results: [] };
    expect(run.results).toMatchObject([
      { name: 'slow', timedOut: true, exitCode: null, attempts: 1 },
      { name: 'late', timedOut: true, exitCode: null, attempts: 0 },
    ]);
    expect(run.results[1]?.digest).toContain('gateSeconds');
  });
});

describe('a flaky command', () => {
  const twice = 'echo x >> out.tries; test "$(wc -l < out.tries)" -ge 2';

  it('passes the gate at another try and is reported as flaky', async () => {
    const { place, run } = await gated({ name: 'flaky', command: twice, retries: 2 });
    expect(run).toMatchObject({
      status: 'passed',
      flaky: ['flaky'],
      results: [{ exitCode: 0, attempts: 2, flaky: true }],
    });
    const report = await reportOf(place);
    expect(report.goal).toMatchObject({ status: 'complete', verified: true });
    expect(report.summary).toContain('Flaky: flaky');
    const { data } = await world.ws.request(requests.goalEventsList, {
      threadId: place.threadId,
      limit: 5000,
    });
    const finished = data.find((event) => event.type === 'verification.finished');
    expect(finished?.data).toMatchObject({ status: 'passed', flaky: ['flaky'] });
    const names = await readdir(join(run.results[0]?.log?.path ?? '', '..'));
    expect(names.filter((name) => name.endsWith('.log'))).toHaveLength(2);
  });

  it('is not tried again without being told to, nor more often than told', async () => {
    const once = await gated({ name: 'flaky', command: twice });
    expect(once.run).toMatchObject({ status: 'failed', results: [{ attempts: 1, flaky: false }] });
    const always = await gated({ name: 'red', command: 'echo x >> out.tries; false', retries: 2 });
    expect(always.run).toMatchObject({ status: 'failed', results: [{ attempts: 3 }] });
    expect(await readFile(join(always.place.repository, 'out.tries'), 'utf8')).toBe('x\nx\nx\n');
  });

  it('proves nothing when the tree changed between two tries', async () => {
    const place = await world.place(byProgress(CLAIM, says('Oh.')), { files: IGNORED });
    const command = 'echo x >> a.txt; test "$(wc -l < a.txt)" -ge 3';
    const verification = [{ name: 'writes', command, retries: 5 }];
    await place.setGoal({ objective: 'Do it.', maxTurns: 1, verification });
    expect(await place.stopped()).toMatchObject({ verified: false });
    const { verification: all } = await reportOf(place);
    expect(all.map((run) => run.status)).toEqual(['void', 'void']);
    expect(all[0]?.reason).toContain('a.txt');
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('(a.txt), twice');
  });
});

describe('what a run leaves behind', () => {
  it('is a diff stat and the coverage, both shown in the report', async () => {
    const summary = JSON.stringify({ total: { lines: { total: 4, covered: 3, pct: 75 } } });
    const place = await world.place(byProgress(runs('echo two >> a.txt'), CLAIM), {
      files: IGNORED,
    });
    const command = `mkdir -p coverage && echo '${summary}' > coverage/coverage-summary.json`;
    await place.setGoal({ objective: 'Do it.', verification: [{ name: 'covers', command }] });
    expect(await place.stopped()).toMatchObject({ verified: true, changedChecks: [] });
    const [run] = (await reportOf(place)).verification;
    expect(run?.artifacts).toMatchObject({
      diffStat: { filesChanged: 1, insertions: 1, files: [{ path: 'a.txt' }] },
      coverage: { kind: 'summary', written: true, linesPercent: 75 },
    });
    const copy = run?.artifacts?.coverage?.copy ?? '';
    expect(await readFile(copy, 'utf8')).toBe(`${summary}\n`);
  });

  it('names what the checks rely on and the goal changed', async () => {
    const place = await world.place(
      byProgress(
        runs('echo 1 > test/a.test.js; echo 2 > check.sh; echo 3 > src.js; mkdir .github'),
        runs(`echo '{"scripts":{"test":"true"}}' > package.json; echo "{}" > data.json`),
        CLAIM,
      ),
      {
        files: {
          'test/a.test.js': '0\n',
          'check.sh': '0\n',
          'src.js': '0\n',
          'package.json': '{"scripts":{"test":"false"}}\n',
        },
      },
    );
    await place.setGoal({
      objective: 'Do it.',
      verification: [{ name: 'checks', command: 'sh ./check.sh || true' }],
    });
    const changed = ['check.sh', 'package.json', 'test/a.test.js'];
    expect(await place.stopped()).toMatchObject({ verified: true, changedChecks: changed });
    const report = await reportOf(place);
    expect(report.changedChecks).toEqual(changed);
    const { data } = await world.ws.request(requests.goalEventsList, {
      threadId: place.threadId,
      limit: 5000,
    });
    const last = data.findLast((event) => event.type === 'goal.statusChanged');
    expect(last?.data).toMatchObject({ to: 'complete', changedChecks: changed });
    expect(existsSync(join(place.repository, 'data.json'))).toBe(true);
  });

  it('is nothing but the log where a run changed nothing and covers nothing', async () => {
    const { place, run } = await gated({ name: 'fine', command: 'true' });
    await writeFile(join(place.repository, 'later.txt'), '');
    expect(run.artifacts).toEqual({
      diffStat: { filesChanged: 0, insertions: 0, deletions: 0, files: [] },
      coverage: null,
    });
  });
});
