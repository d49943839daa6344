import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, type GoalSetup } from '../../helpers/goal-setup.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';

const LONG = 'word '.repeat(8000);
const PATIENT = { engine: { noProgressDelaysMs: [1, 1], retryBaseMs: 1, retryMaxMs: 300 } };
const REFUSED = { rpcCode: -32603, data: { code: 'store_unavailable', fault: 'full' } };

const complete = calls(
  toolCall('set_goal', { status: 'complete', evidence: [{ criterion: 'told', proof: 'said' }] }),
);

/** Takes the room from the database, or gives it back. */
async function toggleRoom(setup: GoalSetup, word: 'full' | 'room'): Promise<void> {
  const before = setup.daemon.printed.length;
  process.kill(setup.daemon.pid, 'SIGUSR2');
  await eventually(word, () => setup.daemon.printed.slice(before).includes(word));
}

const logLines = (setup: GoalSetup, part: string): string[] =>
  readFileSync(join(setup.daemon.paths.logs, 'goald.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(part));

async function tokens(setup: GoalSetup): Promise<{ sum: number; used: number | undefined }> {
  const { threadId } = setup;
  const { data } = await setup.client.request(requests.goalUsage, { threadId, limit: 1000 });
  const { goal } = await setup.client.request(requests.threadGoalGet, { threadId });
  return { sum: data.reduce((sum, row) => sum + row.tokens, 0), used: goal?.tokensUsed };
}

describe('a full disk', () => {
  it('refuses what would change something, whole, and lets everyone go on reading', async () => {
    await using setup = await goalSetup({
      script: () => says('Nothing.'),
      daemon: { roomOnSignal: true },
    });
    await toggleRoom(setup, 'full');
    const { threadId } = setup;
    const before = await setup.client.request(requests.goalEventsList, {});
    const setting = setup.setGoal({
      objective: 'Go on.',
      requirements: Array.from({ length: 20 }, () => 'r'.repeat(2000)),
    });
    await expect(setting).rejects.toMatchObject(REFUSED);
    await expect(setting).rejects.toThrow(/disk.*full.*Nothing was changed.*Free some space/);
    const { goal } = await setup.client.request(requests.threadGoalGet, { threadId });
    expect(goal).toBeNull();
    const after = await setup.client.request(requests.goalEventsList, {});
    expect(after.data).toEqual(before.data);
    await setup.client.request(requests.threadRead, { threadId, includeTurns: true });
    await toggleRoom(setup, 'room');
    await setup.setGoal({ objective: 'Go on.', status: 'paused' });
  });

  it('keeps a goal waiting, with its answer and its charge, until there is room, and asks for nothing meanwhile', async () => {
    let room = true;
    let setup: GoalSetup | null = null;
    await using made = await goalSetup({
      config: PATIENT,
      daemon: { roomOnSignal: true },
      script: byProgress(async () => {
        if (room && setup !== null) await toggleRoom(setup, 'full');
        room = false;
        return { text: LONG, toolCalls: [toolCall('shell', { command: 'echo once >> ran.txt' })] };
      }, complete),
    });
    setup = made;
    await made.setGoal({ objective: 'Say it.' });
    const waiting = await made.client.until(
      notifications.threadGoalUpdated,
      ({ goal }) => goal.phase === 'waiting' && goal.nextActionAtMs !== null,
    );
    expect(waiting.goal.status).toBe('active');
    const { threadId } = made;
    await eventually('readers see it wait, too', async () => {
      const { goal } = await made.client.request(requests.threadGoalGet, { threadId });
      const { data } = await made.client.request(requests.goalList, {});
      return goal?.phase === 'waiting' && data[0]?.nextActionAtMs != null;
    });
    await eventually(
      'several tries',
      () =>
        made.client
          .all(notifications.threadGoalUpdated)
          .filter(({ goal }) => goal.phase === 'waiting').length > 3,
    );
    expect(made.model.requests).toHaveLength(1);
    expect(logLines(made, 'The disk that holds')).toHaveLength(1);
    expect(logLines(made, 'incident')).toEqual([]);
    await toggleRoom(made, 'room');
    expect(await made.stopped()).toMatchObject({ status: 'complete' });
    // The answer was not asked for again, nor its call run twice.
    expect(made.model.requests).toHaveLength(2);
    expect(readFileSync(join(made.repository, 'ran.txt'), 'utf8')).toBe('once\n');
    const { sum, used } = await tokens(made);
    expect(sum).toBe(used);
    const { input, cachedInput, output } = made.model.bill().total;
    expect(sum).toBe(input - cachedInput + output);
    expect(logLines(made, 'takes writes again')).toHaveLength(1);
  });

  it('does not hold up a stop; the charge that found no room is made by estimate at the next start', async () => {
    let setup: GoalSetup | null = null;
    let asked = 0;
    await using made = await goalSetup({
      config: PATIENT,
      daemon: { roomOnSignal: true },
      script: async () => {
        asked += 1;
        if (asked > 1) return complete;
        if (setup !== null) await toggleRoom(setup, 'full');
        return says(LONG);
      },
    });
    setup = made;
    await made.setGoal({ objective: 'Say it.' });
    await made.client.until(
      notifications.threadGoalUpdated,
      ({ goal }) => goal.phase === 'waiting',
    );
    await made.daemon.kill('SIGTERM');
    expect(await made.daemon.ended()).toEqual({ code: 0, signal: null });
    await made.restart();
    expect(await made.stopped()).toMatchObject({ status: 'complete' });
    const { data } = await made.client.request(requests.goalUsage, { threadId: made.threadId });
    expect(data.map((row) => [row.outcome, row.estimated])).toEqual([
      ['lost', true],
      ['completed', false],
    ]);
    const { sum, used } = await tokens(made);
    expect(sum).toBe(used);
  });

  it('that the system itself reports, by a limit on files, leaves the daemon alive and readable', async () => {
    await using setup = await goalSetup({
      script: () => says('Nothing.'),
      daemon: { fileLimitBytes: 512 * 1024 },
    });
    const { threadId } = setup;
    let refusal: unknown = null;
    let names = 0;
    for (; refusal === null && names < 2000; names += 1) {
      await setup.client
        .request(requests.threadNameSet, {
          threadId,
          name: `name ${String(names)} ${'n'.repeat(150)}`,
        })
        .catch((error: unknown) => {
          refusal = error;
        });
    }
    expect(refusal).toMatchObject({ data: { code: 'store_unavailable' } });
    const { thread } = await setup.client.request(requests.threadRead, { threadId });
    expect(thread.name).toMatch(new RegExp(`^name ${String(names - 2)} `));
    expect(setup.daemon.exited).toBe(false);
    await setup.restart();
    const again = await setup.client.request(requests.threadRead, { threadId });
    expect(again.thread.name).toBe(thread.name);
    await setup.client.request(requests.threadNameSet, { threadId, name: 'there is room' });
  });
});
