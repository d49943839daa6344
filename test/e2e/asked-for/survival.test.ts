import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { listBackups } from '@goald/server/store/backups/backup-files.js';
import { migrations } from '@goald/server/store/migrations/index.js';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { goalCommand } from '../../helpers/goal-command.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { calls, startModelServer, toolCall } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { GOALD, runNode } from '../../integration/startup/support.js';
import { CLAIM } from '../api/support/scripts.js';
import { eventsOf } from '../people/support/people.js';

it('9. Two processes run one goal: a second daemon is turned away even while the first is frozen, and takes a killed one’s goal over under a new fence', async () => {
  let mayAnswer = false;
  await using setup = await goalSetup({
    script: () => (mayAnswer ? CLAIM : { fault: { kind: 'hang' } }),
  });
  const { threadId, home } = setup;
  await setup.setGoal({ objective: 'Do it once.' });
  await eventually('the model is asked', () => setup.model.requests.length === 1);

  // Stopped by a debugger or a sleeping machine is not dead: it may go on any moment.
  const { pid } = setup.daemon;
  process.kill(pid, 'SIGSTOP');
  const second = runNode([GOALD, '--home', home, '--listen', 'ws://127.0.0.1:0']);
  process.kill(pid, 'SIGCONT');
  expect(second.code).toBe(3);
  expect(second.err.trimEnd().split('\n')).toHaveLength(1);
  expect(second.err).toContain('Another goald already runs');
  expect((await setup.client.request(requests.threadGoalGet, { threadId })).goal?.status).toBe(
    'active',
  );
  expect(setup.model.requests).toHaveLength(1);

  await setup.daemon.kill('SIGKILL');
  mayAnswer = true;
  await setup.restart();
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  const started = await eventsOf(setup.client, threadId, 'turn.started');
  expect(started).toHaveLength(2);
  const [before, after] = started.map(({ data }) => Number(data['fence']));
  expect(after).toBeGreaterThan(before ?? NaN);
  const ended = await eventually('both turns have ended', async () => {
    const turns = await eventsOf(setup.client, threadId, 'turn.completed');
    return turns.length === 2 ? turns : null;
  });
  expect(ended.map(({ data }) => data['status'])).toEqual(['interrupted', 'completed']);
});

/** What a goal was, as the first goald wrote it. */
const OLD_DEFINITION = {
  requirements: ['Nothing is forgotten.'],
  constraints: { paths: { allow: [], deny: [] }, notes: [] },
  verification: [],
  role: null,
  isolation: 'inPlace',
  planning: 'off',
  approvalPolicy: null,
  sandbox: null,
};

/** The database of a goald that knew the first schema only, with a goal somebody paused. */
function oldDatabase(path: string, cwd: string): void {
  const db = new Database(path);
  try {
    const [first] = migrations;
    db.exec(first?.sql ?? '');
    db.pragma(`user_version = ${String(first?.version)}`);
    db.exec(`
      INSERT INTO thread (id, cwd, preview, source, daemon_version, approval_policy, sandbox, created_at_ms, updated_at_ms)
      VALUES ('thread-of-old', '${cwd}', '', 'appServer', '0.0.1', 'never', 'danger-full-access', 1, 1);
      INSERT INTO goal (goal_id, thread_id, objective, status, definition_json, token_ceiling, tokens_used, time_budget_seconds, max_turns, turns_used, revision, created_at_ms, updated_at_ms)
      VALUES ('goal-of-old', 'thread-of-old', 'Kept for months.', 'paused', '${JSON.stringify(OLD_DEFINITION)}', 2000000, 4321, 14400, 200, 7, 3, 1, 1);
    `);
  } finally {
    db.close();
  }
}

it('13. Goals lost in migrations: an update brings the old goals along and keeps a backup of them; a database from a newer goald is refused and left as it is', async () => {
  await using folder = await tempFolder();
  const proof = { criterion: 'Nothing is forgotten.', proof: 'The goal is there.' };
  const claim = calls(toolCall('set_goal', { status: 'complete', evidence: [proof] }));
  await using model = await startModelServer({ script: () => claim });
  const home = join(folder.path, 'h');
  const path = join(home, 'goald.db');
  await mkdir(home);
  oldDatabase(path, folder.path);
  const env = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test' };
  {
    await using daemon = await startDaemon({ home, env, config: QUICK });
    await using client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
    const threadId = 'thread-of-old';
    const { data } = await client.request(requests.goalList, {});
    expect(data).toMatchObject([
      {
        goalId: 'goal-of-old',
        objective: 'Kept for months.',
        requirements: ['Nothing is forgotten.'],
        status: 'paused',
        tokensUsed: 4321,
        turnsUsed: 7,
      },
    ]);
    const [backup, ...more] = listBackups(join(home, 'backups'));
    expect(more).toEqual([]);
    const kept = new Database(backup?.path ?? '', { readonly: true });
    expect(kept.prepare('SELECT objective FROM goal').pluck().all()).toEqual(['Kept for months.']);
    expect(kept.pragma('user_version', { simple: true })).toBe(1);
    kept.close();
    // It is not only there to be read.
    await client.request(requests.threadGoalResume, { threadId });
    const { goal } = await client.request(requests.goalWait, { threadId, timeoutMs: 20_000 });
    expect(goal).toMatchObject({ status: 'complete', turnsUsed: 8 });
    await daemon.kill('SIGTERM');
  }

  const db = new Database(path);
  db.pragma('user_version = 9999');
  db.close();
  const before = readFileSync(path);
  const refused = await goalCommand({ home, cwd: folder.path }, 'daemon', 'start');
  expect(refused.code).toBe(5);
  expect(refused.err).toMatch(/newer goald.*Nothing was changed/s);
  expect((await readFile(path)).equals(before)).toBe(true);
});

it('14. Active but silently stalled: an active goal that the scheduler never heard of is found within the watchdog’s interval, set going and logged', async () => {
  await using setup = await goalSetup({
    script: () => CLAIM,
    config: { ...QUICK, engine: { ...QUICK.engine, watchdogSeconds: 1 } },
  });
  await setup.setGoal({ objective: 'Move.', status: 'paused' });
  // Behind the daemon's back: the same goal once more, active, on a thread it has not looked at.
  const db = new Database(join(setup.home, 'goald.db'));
  const copy = (table: string, changes: Readonly<Record<string, string>>): void => {
    const row = db.prepare(`SELECT * FROM ${table} LIMIT 1`).get() as Record<string, unknown>;
    const copied = { ...row, ...changes };
    const names = Object.keys(copied);
    db.prepare(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ).run(...Object.values(copied));
  };
  copy('thread', { id: 'stalled' });
  copy('goal', { goal_id: 'stalled', thread_id: 'stalled', status: 'active', phase: 'queued' });
  db.close();

  const wait = { threadId: 'stalled', timeoutMs: 20_000 };
  const { goal } = await setup.client.request(requests.goalWait, wait);
  expect(goal).toMatchObject({ goalId: 'stalled', status: 'complete', turnsUsed: 1 });
  expect(await readFile(join(setup.daemon.paths.logs, 'goald.log'), 'utf8')).toContain(
    'was active and stood still',
  );
  const { goal: paused } = await setup.client.request(requests.threadGoalGet, {
    threadId: setup.threadId,
  });
  expect(paused?.status).toBe('paused');
});

it('14. Active but silently stalled: an answer that breaks off into silence is given up after the idle timeout, shown as a retry, and asked for again', async () => {
  let asked = 0;
  await using setup = await goalSetup({
    script: () => {
      asked += 1;
      return asked === 1 ? { text: 'Well', fault: { kind: 'hang', afterBytes: 200 } } : CLAIM;
    },
    config: { ...QUICK, model: { streamIdleTimeoutSeconds: 1 } },
  });
  await setup.setGoal({ objective: 'Move.' });
  expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
  const [retry] = await eventsOf(setup.client, setup.threadId, 'retry.scheduled');
  expect(retry).toBeDefined();
  expect(setup.model.requests.length).toBeGreaterThanOrEqual(2);
});
