import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  notifications,
  requests,
  type GoalEvent,
  type GoalReport,
  type ParamsInput,
} from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { GOAL, goalCommand, jsonLines, type GoalExit } from '../../helpers/goal-command.js';
import { goalSetup, type GoalSetup } from '../../helpers/goal-setup.js';
import { byProgress, says, type Script } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { CLAIM, Latch, runs } from '../api/support/scripts.js';
import { ASK, refused } from '../people/support/people.js';

const TWO = { name: 'two', command: 'grep two a.txt' };

async function another({ daemon }: GoalSetup): Promise<RpcClient> {
  return RpcClient.connect(daemon.wsUrl, await daemon.token(), 'another');
}

async function stored({ client }: GoalSetup, of: object = {}): Promise<GoalEvent[]> {
  return (await client.request(requests.goalEventsList, { limit: 5000, ...of })).data;
}

it('15. Stale clients, lost completion: an old view cannot overwrite a newer goal, and a client that was away gets every event it missed, the completion among them, once', async () => {
  const latch = new Latch();
  await using setup = await goalSetup({
    script: byProgress(runs('echo two > a.txt'), () => latch.thenReply(CLAIM)),
  });
  const { threadId } = setup;
  const ours = { threadIds: [threadId] };
  const seen: number[] = [];
  const before = await another(setup);
  const { storeEpoch } = await before.request(requests.goalSubscribe, ours);
  const { revision: old } = await setup.setGoal({ objective: 'Two.', verification: [TWO] });
  await before.until(notifications.goalEvent, ({ type }) => type === 'turn.started');
  await before[Symbol.asyncDispose]();
  seen.push(...before.all(notifications.goalEvent).map(({ seq }) => seq));

  // While the editor is away someone else changes the goal, and it comes to its end.
  const newer = await setup.setGoal({ objective: 'Two, and no more.' });
  expect(newer.revision).toBeGreaterThan(old);
  latch.open();
  expect(await setup.stopped()).toMatchObject({ status: 'complete', verified: true });

  await using editor = await another(setup);
  const stale = { threadId, objective: 'Three.', expectedRevision: old };
  expect(await refused(editor.request(requests.threadGoalSet, stale))).toMatchObject({
    code: 'revision_conflict',
    goal: { objective: 'Two, and no more.', status: 'complete' },
  });
  const sinceSeq = Math.max(...seen);
  await editor.request(requests.goalSubscribe, { sinceSeq, storeEpoch, ...ours });
  const isCompletion = ({ type, data }: GoalEvent): boolean =>
    type === 'goal.statusChanged' && data['to'] === 'complete';
  await editor.until(notifications.goalEvent, ({ type }) => type === 'turn.completed');
  const missed = editor.all(notifications.goalEvent);
  expect(missed.filter(isCompletion)).toHaveLength(1);
  const all = await stored(setup, { threadId });
  expect([...seen, ...missed.map(({ seq }) => seq)]).toEqual(all.map(({ seq }) => seq));
  // And who only wants to know how it ended is told at once.
  const wait = { threadId, until: ['complete' as const] };
  expect((await editor.request(requests.goalWait, wait)).goal?.goalId).toBe(newer.goalId);
});

it('16. No headless surface: goal run --wait exits with how the goal ended, and goal watch --json prints every event as a line, across a restart of the daemon', async () => {
  await using setup = await goalSetup({ script: () => says('Unused.') });
  const where = { home: setup.home, cwd: setup.repository };
  const run = (script: Script, ...flags: string[]): Promise<GoalExit> => {
    setup.model.setScript(script);
    return goalCommand(where, 'run', 'Do it.', '--wait', '--yes', ...flags);
  };
  const watch = [GOAL, '--home', setup.home, 'watch', '--json', '--since', '0'];
  const watcher = spawn(process.execPath, watch, { stdio: ['ignore', 'pipe', 'inherit'] });
  const watched: GoalEvent[] = [];
  createInterface(watcher.stdout).on('line', (line) => {
    watched.push(JSON.parse(line) as GoalEvent);
  });
  try {
    const mends = byProgress(CLAIM, runs('echo two > a.txt'), CLAIM);
    const done = await run(mends, '--verify', TWO.command, '--json');
    expect(done).toMatchObject({ code: 0, err: '' });
    const types = jsonLines<GoalEvent>(done).map(({ type }) => type);
    expect(types[0]).toBe('goal.created');
    expect(types.at(-1)).toBe('turn.completed');
    expect(types.filter((type) => type === 'verification.finished')).toHaveLength(2);

    expect((await run(() => ASK)).code).toBe(3);
    await setup.restart();
    const dear = { ...runs('true'), usage: { input: 9000, output: 9000 } };
    expect((await run(() => dear, '--budget', '10k')).code).toBe(4);

    // What cannot be asked without a terminal is said, and no daemon is a failure of its own.
    const unasked = await goalCommand(where, 'run', 'Do it.', '--wait');
    expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--yes')]);
    const nobody = await goalCommand({ ...where, home: `${setup.folder}/other` }, 'status');
    expect(nobody.code).toBe(5);

    const all = await stored(setup);
    await eventually('the watcher has all', () => watched.length >= all.length);
    expect(watched).toEqual(all);
  } finally {
    watcher.kill('SIGKILL');
    await once(watcher, 'close');
  }
});

it('17. Opaque accounting: each model request is a row with its turn, outcome and calls, and rows, goal, report and the provider’s bill add up to the same', async () => {
  let asked = 0;
  const work = byProgress(runs('echo two > a.txt'), says('So far.'), CLAIM);
  await using setup = await goalSetup({
    script: (request) => {
      asked += 1;
      return asked === 2 ? { fault: { kind: 'status', status: 503, body: 'busy' } } : work(request);
    },
    config: {
      engine: { retryBaseMs: 1, retryMaxMs: 5 },
      pricing: { '*': { input: 1, cachedInput: 0.1, output: 10 } },
    },
  });
  const { threadId, client } = setup;
  await setup.setGoal({ objective: 'Two.', tokenBudget: 100_000 });
  const goal = await setup.stopped();
  const usage = (more: Partial<ParamsInput<typeof requests.goalUsage>> = {}) =>
    client.request(requests.goalUsage, { threadId, ...more });
  const { totals, data: rows } = await usage();
  expect(rows.map(({ outcome, toolCalls }) => [outcome, toolCalls])).toEqual([
    ['completed', ['shell']],
    ['rejected', []],
    ['completed', []],
    ['completed', ['set_goal']],
  ]);
  expect(new Set(rows.map(({ turnId }) => turnId)).size).toBe(2);
  expect(rows[1]).toMatchObject({ tokens: 0, costUsd: 0 });

  const { total } = setup.model.bill();
  const tokens = total.input - total.cachedInput + total.output;
  const sum = (pick: (row: (typeof rows)[number]) => number | null): number =>
    rows.reduce((before, row) => before + (pick(row) ?? 0), 0);
  expect(total.cachedInput).toBeGreaterThan(0);
  expect(sum((row) => row.tokens)).toBe(tokens);
  expect(goal).toMatchObject({ tokensUsed: tokens, usage: total });
  expect(totals).toMatchObject({ tokens, usage: total, requests: 4, estimatedRequests: 0 });
  const nano =
    (total.input - total.cachedInput) * 1000 + total.cachedInput * 100 + total.output * 10_000;
  expect([sum((row) => row.costNanoUsd), totals.costNanoUsd]).toEqual([nano, nano]);
  // Page by page they are the same rows.
  const first = await usage({ limit: 3 });
  const rest = await usage({ limit: 3, cursor: first.nextCursor });
  expect([...first.data, ...rest.data]).toEqual(rows);

  const where = { home: setup.home, cwd: setup.repository };
  const [report] = jsonLines<GoalReport>(await goalCommand(where, 'report', '--json'));
  expect(report).toMatchObject({
    goal: { goalId: goal.goalId },
    requests: 4,
    budgets: { tokens: { used: tokens, limit: 100_000 }, turns: { used: 2 } },
    diffStat: { filesChanged: 1 },
  });
  expect(report?.budgets.costUsd.used).toBeCloseTo(nano / 1e9, 9);
  const { code, out } = await goalCommand(where, 'report');
  expect(code).toBe(0);
  expect(out).toContain('2 of 200, 4 model requests');
  expect(out).toMatch(/tokens {2}.* of 100k \(input .*, of it cached .*, output .*\)/);
});
