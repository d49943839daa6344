import { existsSync } from 'node:fs';
import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { goalSetup, QUICK, type GoalSetup } from '../helpers/goal-setup.js';
import {
  brokenMinimist,
  isMended,
  MINIMIST_PATCH,
  minimistTests,
  seesTape,
} from '../helpers/minimist.js';
import { calls, toolCall, type Script } from '../helpers/model-server/index.js';

const claim = calls(
  toolCall('set_goal', { status: 'complete', evidence: [{ criterion: 'tests', proof: 'pass' }] }),
);

/** Claims wrongly at first, then mends, tests and claims; what a crash lost is done again. */
function mendingScript(repository: () => string): Script {
  return async (request) => {
    if (request.progress === 0) return claim;
    if (!(await isMended(repository()))) {
      return calls(
        toolCall('read_file', { path: 'index.js' }),
        toolCall('apply_patch', { patch: MINIMIST_PATCH }),
      );
    }
    const tested = request.input.some((item) => item.type === 'call' && item.name === 'shell');
    return tested ? claim : calls(toolCall('shell', { command: minimistTests() }));
  };
}

/** Failpoints a whole goal passes, from the first request to the end of the turn. */
const PASSES = 40;

/** Ten instants of a goal's life, the same in every run. */
function seededInstants(seed: number): number[] {
  const instants = new Set<number>();
  for (let state = seed; instants.size < 10;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    // The first two are the daemon's own start.
    instants.add(3 + (state % (PASSES - 2)));
  }
  return [...instants].sort((a, b) => a - b);
}

async function allEvents(setup: GoalSetup): Promise<GoalEvent[]> {
  return (await setup.client.request(requests.goalEventsList, { limit: 5000 })).data;
}

async function expectConsistent(setup: GoalSetup): Promise<void> {
  const events = await allEvents(setup);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  const { totals, data } = await setup.client.request(requests.goalUsage, {
    threadId: setup.threadId,
    limit: 1000,
  });
  const { goal } = await setup.client.request(requests.threadGoalGet, { threadId: setup.threadId });
  expect(data.reduce((sum, row) => sum + row.tokens, 0)).toBe(goal?.tokensUsed);
  expect(totals.tokens).toBe(goal?.tokensUsed);
  expect(data.every((row) => row.state === 'charged')).toBe(true);
  // No turn ran twice: each was started once and ended once.
  const turns = (type: GoalEvent['type']): (string | null)[] =>
    events.filter((event) => event.type === type).map((event) => event.turnId);
  const started = turns('turn.started');
  expect(new Set(started).size).toBe(started.length);
  expect(turns('turn.completed')).toEqual(started);
  // Whatever the provider billed stands in the ledger, at least as the input it was sent.
  expect(data.length).toBeGreaterThanOrEqual(setup.model.bill().lines.length);
}

describe('kill -9 of the daemon', () => {
  it.each(seededInstants(2026))(
    'at step %i of a goal: it goes on after the restart, with no client, to the end',
    async (pass) => {
      let repository = '';
      await using setup = await goalSetup({
        script: mendingScript(() => repository),
        repository: brokenMinimist,
        config: { ...QUICK, sandbox: seesTape() },
        daemon: { dieAt: `*:${String(pass)}` },
      });
      repository = setup.repository;
      await setup.setGoal({
        objective: 'What follows -- is kept without the -- itself.',
        verification: [{ name: 'tests', command: minimistTests() }],
      });
      expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
      await setup.restart();
      expect(await setup.stopped()).toMatchObject({ status: 'complete', verified: true });
      await eventually('the last turn ended', async () => {
        const types = (await allEvents(setup)).map((event) => event.type);
        const count = (type: GoalEvent['type']): number =>
          types.filter((one) => one === type).length;
        return count('turn.started') === count('turn.completed');
      });
      await expectConsistent(setup);
      const events = await allEvents(setup);
      expect(events.filter((event) => event.type === 'daemon.started')).toHaveLength(2);
    },
  );

  it('charges a response that was in flight by the estimate, and only once', async () => {
    let asked = 0;
    await using setup = await goalSetup({
      script: () => {
        asked += 1;
        return asked === 1
          ? { text: 'Never heard to its end, because the daemon dies.', pieceDelayMs: 300 }
          : claim;
      },
    });
    await setup.setGoal({ objective: 'Go on.' });
    await setup.client.until(notifications.agentMessageDelta);
    await setup.daemon.kill('SIGKILL');
    await setup.restart();
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    const { data } = await setup.client.request(requests.goalUsage, { threadId: setup.threadId });
    expect(data.map((row) => [row.outcome, row.estimated])).toEqual([
      ['lost', true],
      ['completed', false],
    ]);
    expect(data[0]?.tokens).toBeGreaterThanOrEqual(data[0]?.estimatedInput ?? Infinity);
  });
});

describe('SIGTERM', () => {
  it('interrupts the turn in flight cleanly, and the goal goes on with a new turn after the next start', async () => {
    let asked = 0;
    await using setup = await goalSetup({
      script: () => {
        asked += 1;
        return asked === 1 ? { fault: { kind: 'hang' } } : claim;
      },
    });
    await setup.setGoal({ objective: 'Go on.' });
    await eventually('the model was asked', () => setup.model.requests.length === 1);
    await setup.daemon.kill('SIGTERM');
    expect(await setup.daemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(setup.daemon.paths.serviceFile)).toBe(false);
    expect(existsSync(setup.daemon.paths.socket)).toBe(false);
    const told = setup.client.all(notifications.turnCompleted);
    expect(told.map(({ turn }) => turn.status)).toEqual(['interrupted']);
    await setup.restart();
    // A turn that the daemon's own stop cut short does not count.
    expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
  });

  it('leaves the goal paused after the restart when restartPolicy says so', async () => {
    await using setup = await goalSetup({
      script: () => ({ fault: { kind: 'hang' } }),
      config: { restartPolicy: 'pause' },
    });
    await setup.setGoal({ objective: 'Go on.' });
    await setup.restart();
    expect(await setup.stopped()).toMatchObject({
      status: 'paused',
      statusReason: { code: 'restartPolicy' },
    });
  });
});
