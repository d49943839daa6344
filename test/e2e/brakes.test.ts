import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { goalSetup } from '../helpers/goal-setup.js';
import { calls, says, toolCall } from '../helpers/model-server/index.js';

const claim = calls(
  toolCall('set_goal', {
    status: 'complete',
    evidence: [{ criterion: 'done', proof: 'see a.txt' }],
  }),
);

describe('the progress brake', () => {
  it('stops a model that only talks after 3 turns', async () => {
    await using setup = await goalSetup({ script: () => says('I will do it soon.') });
    await setup.setGoal({ objective: 'Do something.' });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({ status: 'blocked', turnsUsed: 3, phase: null });
    expect(goal.statusReason).toMatchObject({ code: 'noProgress' });
    expect(goal.statusReason?.detail).toContain('I will do it soon.');
    expect(setup.model.requests).toHaveLength(3);
    // The notices are in the steering of the later turns only.
    expect(JSON.stringify(setup.model.requests[0]?.body)).not.toContain('made no progress');
    expect(JSON.stringify(setup.model.requests[1]?.body)).toContain('made no progress');
  });

  it('stops a model that repeats one call, with a notice on the way', async () => {
    await using setup = await goalSetup({
      script: () => calls(toolCall('read_file', { path: 'a.txt' })),
    });
    await setup.setGoal({ objective: 'Do something.' });
    const goal = await setup.stopped();
    expect(goal.statusReason).toMatchObject({ code: 'noProgress' });
    expect(goal.turnsUsed).toBe(3);
    expect(setup.model.requests).toHaveLength(18);
    expect(JSON.stringify(setup.model.requests[3]?.body)).toContain('try another way');
  });

  it('ends a turn after 30 requests without a sign of progress', async () => {
    let n = 0;
    await using setup = await goalSetup({
      script: () => calls(toolCall('read_file', { path: 'a.txt', limit: (n += 1) })),
    });
    await setup.setGoal({ objective: 'Do something.' });
    expect((await setup.stopped()).statusReason?.code).toBe('noProgress');
    expect(setup.model.requests).toHaveLength(90);
  });

  it('lets a goal go on that changes files in every turn', async () => {
    let n = 0;
    await using setup = await goalSetup({
      script: (request) => {
        if (request.lastToolOutputs.length > 0) return says('Next.');
        n += 1;
        return n > 5 ? claim : calls(toolCall('shell', { command: `echo ${String(n)} >> a.txt` }));
      },
    });
    await setup.setGoal({ objective: 'Count.' });
    expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 6 });
  });
});

describe('the token budget', () => {
  it('stops cleanly at 5,000 tokens with a report, and resume with more completes the goal', async () => {
    let n = 0;
    await using setup = await goalSetup({
      script: () => {
        n += 1;
        return n < 5
          ? {
              toolCalls: [toolCall('shell', { command: `echo ${String(n)} >> a.txt` })],
              usage: { input: 1500, output: 100 },
            }
          : { ...claim, usage: { input: 1500, output: 100 } };
      },
    });
    await setup.setGoal({ objective: 'Count.', tokenBudget: 5000 });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({ status: 'budgetLimited', statusReason: { code: 'tokenBudget' } });
    expect(goal.tokensUsed).toBeLessThanOrEqual(5000);
    const { report } = await setup.client.request(requests.goalReport, {
      threadId: setup.threadId,
    });
    expect(report.budgets.tokens).toEqual({ used: goal.tokensUsed, limit: 5000 });
    expect(report.overshootTokens).toBe(0);
    expect(report.diffStat?.filesChanged).toBe(1);
    const sent = setup.model.requests.length;

    await expect(
      setup.client.request(requests.threadGoalResume, { threadId: setup.threadId, addTokens: -1 }),
    ).rejects.toMatchObject({ data: { code: 'budget_not_positive' } });
    expect(setup.model.requests).toHaveLength(sent);
    const { goal: resumed } = await setup.client.request(requests.threadGoalResume, {
      threadId: setup.threadId,
      addTokens: 20_000,
    });
    expect(resumed).toMatchObject({ status: 'active', tokenBudget: 25_000 });
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  });

  it('does not run the calls of the response that reached the budget', async () => {
    await using setup = await goalSetup({
      script: () => ({
        toolCalls: [toolCall('shell', { command: 'echo never > never.txt' })],
        usage: { input: 9000, output: 1500 },
      }),
    });
    await setup.setGoal({ objective: 'Count.', tokenBudget: 10_000 });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({ status: 'budgetLimited', tokensUsed: 10_500 });
    await setup.client.until(notifications.turnCompleted);
    const items = setup.client.all(notifications.itemCompleted).map(({ item }) => item);
    const command = items.find((item) => item.type === 'commandExecution');
    expect(command).toMatchObject({ status: 'declined', exitCode: null });
    expect(command?.aggregatedOutput).toContain('Not run');
    const { report } = await setup.client.request(requests.goalReport, {
      threadId: setup.threadId,
    });
    expect(report.diffStat?.filesChanged ?? 0).toBe(0);
    expect(report.overshootTokens).toBe(500);
  });

  it('caps the output of a request to what is left', async () => {
    await using setup = await goalSetup({ script: () => claim });
    await setup.setGoal({ objective: 'Count.', tokenBudget: 9000 });
    await setup.stopped();
    const asked = Number(setup.model.requests[0]?.body['max_output_tokens']);
    expect(asked).toBeGreaterThan(256);
    expect(asked).toBeLessThan(9000);
  });
});

describe('other limits', () => {
  it('stops at the turn limit and goes on with more turns', async () => {
    let n = 0;
    await using setup = await goalSetup({
      script: (request) => {
        if (request.lastToolOutputs.length > 0) return says('Next.');
        n += 1;
        return calls(toolCall('shell', { command: `echo ${String(n)} >> a.txt` }));
      },
    });
    await setup.setGoal({ objective: 'Count.', maxTurns: 2 });
    expect(await setup.stopped()).toMatchObject({
      status: 'budgetLimited',
      turnsUsed: 2,
      statusReason: { code: 'turnLimit' },
    });
    await expect(
      setup.client.request(requests.threadGoalResume, { threadId: setup.threadId }),
    ).rejects.toMatchObject({ data: { code: 'budget_exhausted' } });
    await setup.client.request(requests.threadGoalResume, {
      threadId: setup.threadId,
      addTurns: 1,
    });
    expect(await setup.stopped()).toMatchObject({ status: 'budgetLimited', turnsUsed: 3 });
  });

  it('aborts a turn in its middle when the time is used up', async () => {
    await using setup = await goalSetup({ script: () => ({ fault: { kind: 'hang' } }) });
    await setup.setGoal({ objective: 'Wait.', timeBudgetSeconds: 1 });
    expect(await setup.stopped()).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'timeBudget' },
    });
    await setup.client.until(
      notifications.turnCompleted,
      ({ turn }) => turn.status === 'interrupted',
    );
  });

  it('retries a busy provider by itself and shows when', async () => {
    let n = 0;
    await using setup = await goalSetup({
      script: () => {
        n += 1;
        return n <= 3 ? { fault: { kind: 'status', status: 503, body: 'busy' } } : claim;
      },
    });
    await setup.setGoal({ objective: 'Try.' });
    expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    const seen = setup.client.all(notifications.threadGoalUpdated);
    expect(seen.some(({ goal }) => goal.phase === 'waiting' && goal.nextActionAtMs !== null)).toBe(
      true,
    );
    const { data } = await setup.client.request(requests.goalUsage, { threadId: setup.threadId });
    expect(data.map((row) => row.outcome)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'completed',
    ]);
  });

  it('blocks on an error that no retry helps, in the words of the provider', async () => {
    await using setup = await goalSetup({
      script: () => ({
        fault: { kind: 'status', status: 401, body: { error: { message: 'No such key here.' } } },
      }),
    });
    await setup.setGoal({ objective: 'Try.' });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({ status: 'blocked', tokensUsed: 0 });
    expect(goal.statusReason).toMatchObject({ code: 'turnError' });
    expect(goal.statusReason?.message).toContain('No such key here.');
    expect(setup.model.requests).toHaveLength(1);
  });
});
