import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from './support/api-world.js';
import { CLAIM, input, Latch } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What the model was told about its last calls, in request n (from 0). */
function outputs(place: Place, n: number): string[] {
  const items = place.asked()[n]?.body['input'] as { type?: string; output?: string }[];
  return items.filter((item) => item.type === 'function_call_output').map((it) => it.output ?? '');
}

const set = (args: object): ReturnType<typeof calls> => calls(toolCall('set_goal', args));

describe('the model and its goal', () => {
  it('cannot change what belongs to the user by fields set_goal does not have', async () => {
    const place = await world.place(
      byProgress(
        set({
          objective: 'Something easier.',
          tokenBudget: 9_999_999,
          token_budget: 9_999_999,
          verification: [],
          requirements: [],
          maxTurns: 1000,
          status: 'complete',
          verified: true,
          evidence: [{ criterion: 'a', proof: 'b' }],
        }),
        set({ status: 'active', objective: 'Something easier.' }),
        set({ status: 'blocked', blocker: { summary: 'No way.', severity: 'blocking' } }),
      ),
    );
    const before = await place.setGoal({
      objective: 'Something hard.',
      tokenBudget: 100_000,
      verification: [{ name: 'hard', command: 'false' }],
    });
    expect(await place.stopped()).toMatchObject({
      status: 'blocked',
      objective: 'Something hard.',
      tokenBudget: 100_000,
      maxTurns: before.maxTurns,
      verification: before.verification,
      verified: false,
    });
  });

  it('proposes an objective that waits for the user', async () => {
    const place = await world.place(
      byProgress(set({ proposed_objective: 'Something wiser.' }), says('I wait.'), CLAIM),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Something hard.' });
    expect(await place.stopped()).toMatchObject({ objective: 'Something hard.' });
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report.proposals).toMatchObject([
      { objective: 'Something wiser.', decision: 'pending' },
    ]);
    const { data } = await world.ws.request(requests.goalEventsList, { threadId, limit: 5000 });
    expect(data.find((event) => event.type === 'proposal.made')?.data).toMatchObject({
      objective: 'Something wiser.',
    });
    const said = place
      .asked()
      .map((request) => request.rawBody)
      .slice(1);
    expect(said.every((body) => body.includes('Something hard.'))).toBe(true);
  });

  it('pauses only in a turn in which the user spoke', async () => {
    const latch = new Latch();
    const place = await world.place(
      byProgress(set({ status: 'paused' }), () => latch.thenReply(set({ status: 'paused' }))),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Something hard.' });
    await eventually('the second request', () => place.asked().length === 2);
    expect(await place.goal()).toMatchObject({ status: 'active' });
    expect(outputs(place, 1)[0]).toMatch(/user/i);
    await world.ws.request(requests.turnStart, { threadId, input: input('Pause, please.') });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'paused', phase: null, turnsUsed: 1 });
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
  });

  it('notes a finding and goes on; a blocking blocker stops it with the reason', async () => {
    const place = await world.place(
      byProgress(
        set({ blocker: { summary: 'The docs are old.', severity: 'finding' } }),
        set({ blocker: { summary: 'No credentials.', question: 'Where is the key?' } }),
        says('This must not be asked for.'),
      ),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Something hard.' });
    const goal = await place.stopped();
    expect(goal).toMatchObject({
      status: 'blocked',
      phase: null,
      statusReason: { code: 'blocker' },
    });
    expect(goal.statusReason?.message).toContain('No credentials.');
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(
      report.blockers
        .map(({ summary, severity, question }) => [summary, severity, question])
        .toSorted(),
    ).toEqual([
      ['No credentials.', 'blocking', 'Where is the key?'],
      ['The docs are old.', 'finding', null],
    ]);
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    expect(place.asked()).toHaveLength(2);
  });

  it('cannot complete without evidence', async () => {
    const place = await world.place(
      byProgress(
        set({ status: 'complete' }),
        set({ status: 'complete', evidence: [] }),
        set({ status: 'complete', evidence: [{ criterion: ' ', proof: '' }] }),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Something.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(place.asked()).toHaveLength(4);
    expect(outputs(place, 3)).toHaveLength(3);
    for (const output of outputs(place, 3)) expect(output).toMatch(/evidence|criterion|proof/i);
  });

  it('shows its progress in its own words', async () => {
    const place = await world.place(
      byProgress(
        set({ progress: { summary: 'Half of it.', percent: 50 } }),
        set({ progress: { summary: 'Too much.', percent: 500 } }),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Something.' });
    expect(await place.stopped()).toMatchObject({
      status: 'complete',
      progress: { summary: 'Half of it.', percent: 50 },
    });
  });

  it('gets the bare facts from get_goal', async () => {
    const place = await world.place(byProgress(calls(toolCall('get_goal', {})), CLAIM));
    await place.setGoal({
      objective: 'Something known.',
      tokenBudget: 50_000,
      verification: [{ name: 'check', command: 'true' }],
    });
    await place.stopped();
    const [answer] = outputs(place, 1);
    for (const part of ['Something known.', 'active', 'check', '50000', 'emaining']) {
      expect(answer).toContain(part);
    }
  });
});

describe('the barrier of a proposal', () => {
  it('leaves the later calls of that response undone, and says so', async () => {
    const shell = (file: string): ReturnType<typeof toolCall> =>
      toolCall('shell', { command: `echo done > ${file}` });
    const place = await world.place(
      byProgress(
        calls(shell('before'), ...(CLAIM.toolCalls ?? []), shell('after')),
        says('So it is.'),
        CLAIM,
      ),
    );
    const { repository, threadId } = place;
    await place.setGoal({
      objective: 'Something.',
      verification: [{ name: 'second time', command: 'test -e ../ok.$(basename $PWD)' }],
      maxTurns: 1,
    });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited' });
    expect(existsSync(join(repository, 'before'))).toBe(true);
    expect(existsSync(join(repository, 'after'))).toBe(false);
    const told = outputs(place, 1);
    expect(told).toHaveLength(3);
    expect(told[1]).toMatch(/refused|failed/i);
    expect(told[2]).toMatch(/not run/i);
    const items = world.ws
      .all(notifications.itemCompleted)
      .filter((params) => params.threadId === threadId)
      .map(({ item }) => item);
    expect(items.filter((item) => item.type === 'commandExecution')).toMatchObject([
      { status: 'completed', exitCode: 0 },
      { status: 'declined', exitCode: null },
    ]);
  });

  it('lets nothing run after a completion, and makes no further request', async () => {
    const place = await world.place(
      byProgress(
        calls(...(CLAIM.toolCalls ?? []), toolCall('shell', { command: 'echo late > late' })),
        says('Never asked for.'),
      ),
    );
    await place.setGoal({ objective: 'Something.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === place.threadId,
    );
    expect(existsSync(join(place.repository, 'late'))).toBe(false);
    expect(place.asked()).toHaveLength(1);
  });
});

describe('calls that make no sense', () => {
  it('come back as errors and end nothing', async () => {
    const place = await world.place(
      byProgress(
        calls(
          toolCall('no_such_tool', {}),
          toolCall('read_file', '{"path": '),
          toolCall('read_file', { path: 17 }),
          toolCall('wait', { seconds: -1 }),
          toolCall('set_goal', { status: 'finished' }),
          toolCall('shell', []),
        ),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Something.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(outputs(place, 1)).toHaveLength(6);
    for (const output of outputs(place, 1)) expect(output.length).toBeGreaterThan(10);
  });
});
