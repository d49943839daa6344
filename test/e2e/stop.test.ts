import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeId, notifications, requests, type SandboxMode } from '@goald/protocol';
import { listProcesses } from '@goald/server/workspace/list-processes.js';
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { goalSetup, type GoalSetup } from '../helpers/goal-setup.js';
import { calls, says, toolCall } from '../helpers/model-server/index.js';

/** A shell, a child in a session of its own and a grandchild: all deaf to SIGTERM, all writing down who they are. */
const DEAF_TREE = [
  "trap '' TERM",
  'echo $$ >> pids',
  'setsid bash -c \'trap "" TERM; echo $$ >> pids; bash -c "trap \\"\\" TERM; echo \\$\\$ >> pids; while :; do sleep 0.1; done"\' &',
  'while :; do sleep 0.1; done',
].join('\n');

function alive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return !status.includes(') Z ');
  } catch {
    return false;
  }
}

function pids(setup: GoalSetup): number[] {
  const file = join(setup.repository, 'pids');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

async function withDeafTree(
  sandbox: SandboxMode = 'danger-full-access',
): Promise<{ setup: GoalSetup; tree: readonly number[] }> {
  const setup = await goalSetup({
    script: () => calls(toolCall('shell', { command: DEAF_TREE })),
  });
  await setup.setGoal({ objective: 'Run for ever.', sandbox });
  const tree = await eventually('the tree stands', () => {
    const found = pids(setup);
    if (found.length !== 3) return null;
    // In a sandbox processes have numbers of their own: the machine's are found by their tag.
    if (sandbox !== 'danger-full-access') return listProcesses(homeId(setup.home));
    return found.every(alive) ? found : null;
  });
  return { setup, tree };
}

describe('a stop', () => {
  it.each([
    ['pause', requests.threadGoalPause, 'paused', 'user', 'danger-full-access'],
    ['pause', requests.threadGoalPause, 'paused', 'user', 'workspace-write'],
    ['clear', requests.threadGoalClear, null, null, 'danger-full-access'],
  ] as const)(
    'by %s ends a process tree that ignores SIGTERM before turn/completed is sent',
    async (_name, message, status, code, sandbox) => {
      const { setup, tree } = await withDeafTree(sandbox);
      expect(tree.length).toBeGreaterThanOrEqual(3);
      await using _ = setup;
      const deadAtEnd = setup.client
        .until(notifications.turnCompleted)
        .then(() => tree.filter(alive));
      await setup.client.request(message, { threadId: setup.threadId });
      expect(await deadAtEnd).toEqual([]);
      const { goal } = await setup.client.request(requests.threadGoalGet, {
        threadId: setup.threadId,
      });
      expect(goal?.status ?? null).toBe(status);
      expect(goal?.statusReason?.code ?? null).toBe(code);
      const asked = setup.model.requests.length;
      await setup.restart();
      expect(setup.model.requests).toHaveLength(asked);
    },
  );

  it('by turn/interrupt pauses the goal, and nothing restarts until a user resumes', async () => {
    const { setup, tree } = await withDeafTree();
    await using _ = setup;
    const { turn } = setup.client.all(notifications.turnStarted)[0] ?? expect.unreachable();
    await setup.client.request(requests.turnInterrupt, {
      threadId: setup.threadId,
      turnId: turn.id,
    });
    const completed = await setup.client.until(notifications.turnCompleted);
    expect(tree.filter(alive)).toEqual([]);
    expect(completed.turn.status).toBe('interrupted');
    expect(await setup.stopped()).toMatchObject({
      status: 'paused',
      statusReason: { code: 'interrupt' },
    });
    expect(setup.model.requests).toHaveLength(1);
    setup.model.setScript(() => says('Again.'));
    await setup.client.request(requests.threadGoalResume, { threadId: setup.threadId });
    expect((await setup.stopped()).statusReason?.code).toBe('noProgress');
    // The interrupted call was answered, so that the history is whole.
    expect(JSON.stringify(setup.model.requests[1]?.body)).toMatch(/interrupted|stopped|aborted/i);
  });

  it('of the daemon by kill -9 leaves processes that the next daemon ends', async () => {
    const { setup, tree } = await withDeafTree();
    await using _ = setup;
    setup.model.setScript(() => says('Again.'));
    await setup.restart();
    await eventually('the tree is dead', () => tree.filter(alive).length === 0);
    const { data } = await setup.client.request(requests.goalEventsList, { limit: 5000 });
    const recovered = data.find((event) => event.type === 'daemon.recovered');
    expect(recovered?.data['endedProcesses']).toEqual(expect.arrayContaining([...tree]));
  });

  it('of the daemon by kill -9 takes what runs in a sandbox along', async () => {
    const { setup, tree } = await withDeafTree('workspace-write');
    await using _ = setup;
    expect(tree.length).toBeGreaterThanOrEqual(3);
    await setup.daemon.kill('SIGKILL');
    await eventually('the tree is dead', () => tree.filter(alive).length === 0);
  });

  it('of the turn ends what its commands left running', async () => {
    await using setup = await goalSetup({
      script: (request) =>
        request.lastToolOutputs.length === 0
          ? calls(toolCall('shell', { command: 'sleep 1000 & echo $! > pids' }))
          : says('Done.'),
    });
    const sandbox = 'danger-full-access' as const;
    await setup.setGoal({ objective: 'Leave something.', maxTurns: 1, sandbox });
    await setup.client.until(notifications.turnCompleted);
    const left = pids(setup);
    expect(left).toHaveLength(1);
    expect(left.filter(alive)).toEqual([]);
  });
});
