import { requests, type ConfigInput, type LedgerRow } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { byProgress, type Script } from '../../helpers/model-server/index.js';
import { CLAIM, runs } from '../api/support/scripts.js';

const APIS = ['responses', 'chat'] as const;
/** USD for a million tokens. */
const PRICE = { input: 1, cachedInput: 0.1, output: 10 };
const NANO = 1_000_000_000;

function config(wireApi: (typeof APIS)[number], more: ConfigInput = {}): ConfigInput {
  return { ...QUICK, model: { wireApi }, pricing: { '*': PRICE }, ...more };
}

async function ledger({ client, threadId }: GoalSetup): Promise<readonly LedgerRow[]> {
  return (await client.request(requests.goalUsage, { threadId })).data;
}

async function events({ client, threadId }: GoalSetup) {
  const { data } = await client.request(requests.goalEventsList, { threadId, limit: 5000 });
  return data;
}

/** Longest answer a request allows, in tokens. */
function mostOutput(body: Readonly<Record<string, unknown>> | undefined): number {
  return Number(body?.['max_output_tokens'] ?? body?.['max_tokens']);
}

/** Each response works, and uses so much. */
function works(usage: { input: number; output: number }): Script {
  return (request) => ({ ...runs(`echo ${String(request.index)} >> a.txt`), usage });
}

describe.each(APIS)('a cost budget over the %s API', (wireApi) => {
  it('is a ceiling: answers are as long as the rest can pay, then nothing more is sent', async () => {
    await using setup = await goalSetup({
      config: config(wireApi),
      script: works({ input: 8_000, output: 1_500 }),
    });
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 0.07 });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'costBudget' },
      costBudgetUsd: 0.07,
    });
    // 8,000 × $1 + 1,500 × $10, a million each, is 2.3 cents.
    const rows = await ledger(setup);
    expect(rows.map((row) => row.costNanoUsd)).toEqual(rows.map(() => 23_000_000));
    const sent = setup.model.requests.map((request) => mostOutput(request.body));
    expect(sent).toHaveLength(rows.length);
    for (const [at, most] of sent.entries()) {
      const left = 70_000_000 - at * 23_000_000;
      expect(most).toBeGreaterThanOrEqual(256);
      expect(most * PRICE.output * 1000).toBeLessThan(left);
    }
    const spent = rows.reduce((sum, row) => sum + (row.costNanoUsd ?? 0), 0);
    expect(goal.costUsd).toBe(spent / NANO);
    expect(spent).toBeLessThanOrEqual(70_000_000);
    const asked = setup.model.requests.length;
    const { report } = await setup.client.request(requests.goalReport, {
      threadId: setup.threadId,
    });
    expect(report.budgets.costUsd).toEqual({ used: spent / NANO, limit: 0.07 });
    expect(report).toMatchObject({ overshootUsd: 0, serviceTier: null, unpricedRequests: 0 });
    expect(report.summary).toContain('of $0.07 spent');
    expect(setup.model.requests).toHaveLength(asked);
  });

  it('that one request passes stops the goal, and the report says by how much', async () => {
    await using setup = await goalSetup({
      config: config(wireApi),
      script: works({ input: 10_000, output: 2_000 }),
    });
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 0.025 });
    expect(await setup.stopped()).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'costBudget' },
      costUsd: 0.03,
    });
    const items = (await events(setup)).filter((event) => event.type === 'item.completed');
    expect(items.map((event) => event.data['status'])).toEqual(['declined']);
    const { report } = await setup.client.request(requests.goalReport, {
      threadId: setup.threadId,
    });
    expect(report.overshootUsd).toBe(0.005);
  });

  it('is raised and resumed in one step', async () => {
    let rich = false;
    await using setup = await goalSetup({
      config: config(wireApi),
      script: (request) => (rich ? CLAIM : works({ input: 10_000, output: 2_000 })(request)),
    });
    const { threadId, client } = setup;
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 0.025 });
    await setup.stopped();
    const little = client.request(requests.threadGoalResume, { threadId, addCostUsd: 0.001 });
    await expect(little).rejects.toMatchObject({ data: { code: 'budget_exhausted' } });
    rich = true;
    const { goal } = await client.request(requests.threadGoalResume, {
      threadId,
      addCostUsd: 0.2,
    });
    expect(goal).toMatchObject({ status: 'active', costBudgetUsd: 0.225 });
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  });
});

it('a cost budget warns once, in an event and in what the model reads', async () => {
  await using setup = await goalSetup({
    config: config('responses'),
    script: byProgress(
      { ...runs('echo 1 >> a.txt'), usage: { input: 1_000, output: 100 } },
      { ...runs('echo 2 >> a.txt'), usage: { input: 40_000, output: 4_300 } },
      { ...runs('echo 3 >> a.txt'), usage: { input: 100, output: 10 } },
      { ...CLAIM, usage: { input: 100, output: 10 } },
    ),
  });
  await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 0.1 });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  const warned = (await events(setup)).filter((event) => event.type === 'goal.budgetWarning');
  expect(warned.map((event) => event.data)).toMatchObject([
    { budget: 'costBudget', used: 0.085, limit: 0.1, unit: 'usd' },
  ]);
  const bodies = setup.model.requests.map((request) => request.rawBody);
  expect(bodies.map((body) => body.includes('Over 80 % of the cost budget'))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

it('a cost budget of a model whose price nobody knows is refused and says how to configure it', async () => {
  await using setup = await goalSetup({ script: () => CLAIM });
  const asked = setup.setGoal({ objective: 'Do it.', costBudgetUsd: 1 });
  await expect(asked).rejects.toMatchObject({
    data: { code: 'price_unknown', model: 'gpt-5.1-codex' },
    message: expect.stringMatching(/config\.json.*"pricing".*"gpt-5\.1-codex"/u) as string,
  });
  expect(setup.model.requests).toEqual([]);
  await setup.setGoal({ objective: 'Do it.' });
  expect(await setup.stopped()).toMatchObject({ status: 'complete', costUsd: null });
  const usage = await setup.client.request(requests.goalUsage, { threadId: setup.threadId });
  expect(usage.totals).toMatchObject({ costUsd: null, unpricedRequests: 1 });
});
