import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { notifications, requests, WIRE_APIS, type GoalEvent } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../helpers/daemon/daemon-process.js';
import { eventually } from '../helpers/eventually.js';
import {
  brokenMinimist,
  isMended,
  MINIMIST_PATCH,
  minimistTests,
  seesTape,
} from '../helpers/minimist.js';
import {
  byProgress,
  calls,
  says,
  startModelServer,
  toolCall,
} from '../helpers/model-server/index.js';
import { RpcClient } from '../helpers/rpc/rpc-client.js';
import { tempFolder } from '../helpers/temp-folder.js';

const GOAL_CLI = fileURLToPath(new URL('../../clients/cli/dist/main.js', import.meta.url));
/** `goal watch --json` as a script runs it. */
function watch(home: string): { lines: GoalEvent[]; stop: () => void } {
  const lines: GoalEvent[] = [];
  const child = spawn(
    process.execPath,
    [GOAL_CLI, '--home', home, 'watch', '--json', '--since', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
    },
  );
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as GoalEvent);
  });
  return { lines, stop: () => child.kill('SIGKILL') };
}

describe.each(WIRE_APIS)('a goal in minimist over the %s API', (wireApi) => {
  it('is refused while its tests fail, completes when they pass, and every client saw every event', async () => {
    await using folder = await tempFolder();
    const repository = await brokenMinimist(folder.path);
    const command = minimistTests();
    await using model = await startModelServer({
      script: byProgress(
        calls(
          toolCall('set_goal', {
            status: 'complete',
            evidence: [{ criterion: 'tests pass', proof: 'I am sure.' }],
          }),
        ),
        calls(
          toolCall('search', { pattern: 'notFlags', path: '.' }),
          toolCall('read_file', { path: 'index.js', offset: 130, limit: 20 }),
        ),
        calls(toolCall('apply_patch', { patch: MINIMIST_PATCH })),
        calls(toolCall('shell', { command })),
        calls(
          toolCall('set_goal', {
            status: 'complete',
            evidence: [{ criterion: 'tests pass', proof: 'all tests of the suite pass' }],
          }),
        ),
        says('This must never be asked for.'),
      ),
    });
    await using daemon = await startDaemon({
      home: join(folder.path, 'home'),
      config: { sandbox: seesTape() },
      env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test', GOALD_WIRE_API: wireApi },
    });
    await using client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
    await using second = await RpcClient.connect(`unix://${daemon.paths.socket}`);
    const script = watch(daemon.paths.state);
    await second.request(requests.goalSubscribe, { sinceSeq: 0 });

    const { thread } = await client.request(requests.threadStart, { cwd: repository });
    const { goal } = await client.request(requests.threadGoalSet, {
      threadId: thread.id,
      objective:
        'Everything after -- must be kept as it is, without the -- itself. Make the tests pass.',
      status: 'active',
      origin: 'user',
      verification: [{ name: 'tests', command }],
    });
    expect(goal.status).toBe('active');
    const { goal: ended } = await client.request(requests.goalWait, {
      threadId: thread.id,
      timeoutMs: 60_000,
    });

    expect(ended).toMatchObject({ status: 'complete', verified: true, phase: null });
    expect(await isMended(repository)).toBe(true);
    const { report } = await client.request(requests.goalReport, { threadId: thread.id });
    expect(report.verification.map((run) => run.status)).toEqual(['passed', 'failed']);
    expect(report.diffStat).toMatchObject({ filesChanged: 1, insertions: 1, deletions: 1 });
    const [passed] = report.verification;
    expect(report.evidence).toEqual([
      {
        criterion: 'tests pass',
        proof: 'all tests of the suite pass',
        runId: passed?.runId,
        treeId: passed?.treeId,
      },
    ]);
    // The refused claim came back to the model with the reason.
    const refusal = JSON.stringify(model.requests[1]?.body);
    expect(refusal).toContain('Completion refused');
    expect(model.requests).toHaveLength(5);

    const { totals, data: rows } = await client.request(requests.goalUsage, {
      threadId: thread.id,
    });
    expect(totals.tokens).toBe(ended?.tokensUsed);
    expect(rows.reduce((sum, row) => sum + row.tokens, 0)).toBe(ended?.tokensUsed);
    const bill = model.bill().total;
    expect(totals.usage).toMatchObject({ input: bill.input, output: bill.output });

    await client.until(notifications.turnCompleted);
    const stored = await eventually('the last event is stored', async () => {
      const page = await client.request(requests.goalEventsList, { limit: 5000 });
      return page.data.some((event) => event.type === 'turn.completed') ? page.data : null;
    });
    const seqs = stored.map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    await eventually(
      'the second client has every event',
      () => second.all(notifications.goalEvent).length === seqs.length,
    );
    await eventually('the script has every event', () => script.lines.length === seqs.length);
    expect(second.all(notifications.goalEvent).map((event) => event.seq)).toEqual(seqs);
    expect(script.lines.map((event) => event.seq)).toEqual(seqs);
    script.stop();

    const order = client.log.map((received) => received.method);
    const at = (method: string): number => order.indexOf(method);
    expect(at(`response:${requests.threadGoalSet.method}`)).toBeLessThan(
      at(notifications.threadGoalUpdated.method),
    );
    expect(at(notifications.threadGoalUpdated.method)).toBeLessThan(
      at(notifications.turnStarted.method),
    );
    expect(at(notifications.turnStarted.method)).toBeLessThan(at(notifications.itemStarted.method));
    expect(order.findLast((method) => !method.startsWith('response:'))).toBe(
      notifications.turnCompleted.method,
    );
  }, 90_000);
});
