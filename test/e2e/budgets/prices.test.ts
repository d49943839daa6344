import { writeFile } from 'node:fs/promises';
import { requests, type ConfigInput, type LedgerRow } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { CLAIM, input, Latch, runs } from '../api/support/scripts.js';

/** USD for a million tokens. */
const priced = (output: number, more: ConfigInput = {}): ConfigInput => ({
  ...QUICK,
  pricing: { '*': { input: 0, output } },
  ...more,
});
const used = { input: 1_000, output: 1_000 };
const STEP = { ...runs('echo 1 >> a.txt'), usage: used };
const DONE = { ...CLAIM, usage: used };

async function ledger({ client, threadId }: GoalSetup): Promise<readonly LedgerRow[]> {
  return (await client.request(requests.goalUsage, { threadId })).data;
}

const costs = (rows: readonly LedgerRow[]) => rows.map((row) => row.costNanoUsd);

/** Changes the configuration of a running daemon, and waits until it is in force. The new one must turn fast mode on. */
async function reload(setup: GoalSetup, config: ConfigInput): Promise<void> {
  await writeFile(setup.daemon.paths.config, JSON.stringify(config));
  await eventually('the configuration is in force', async () => {
    const { threadId } = setup;
    const { serviceTier } = await setup.client.request(requests.threadResume, { threadId });
    return serviceTier === 'priority';
  });
}

const FAST = { fastMode: { enabled: true, multiplier: 1 } };

describe('a price that changes', () => {
  it('holds for later requests only, and rows keep theirs', async () => {
    const latch = new Latch();
    await using setup = await goalSetup({
      config: priced(1),
      script: byProgress(() => latch.thenReply(STEP), DONE),
    });
    await setup.setGoal({ objective: 'Do it.' });
    await eventually('a request is in flight', () => setup.model.requests.length === 1);
    await reload(setup, priced(7, FAST));
    latch.open();
    expect(await setup.stopped()).toMatchObject({ status: 'complete', costUsd: 0.008 });
    const rows = await ledger(setup);
    expect(costs(rows)).toEqual([1_000_000, 7_000_000]);
    expect(rows.map((row) => row.price?.output)).toEqual([1, 7]);
  });

  it('and a kill -9 leave the request in flight the price it left with', async () => {
    let killed = false;
    await using setup = await goalSetup({
      config: priced(1),
      script: () =>
        killed ? DONE : { text: 'word '.repeat(400), fault: { kind: 'hang', afterBytes: 8_000 } },
    });
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 1 });
    await eventually('a request is in flight', () => setup.model.requests.length === 1);
    await setup.daemon.kill('SIGKILL');
    killed = true;
    await setup.restart({ config: { ...priced(7), pricing: { '*': { input: 50, output: 7 } } } });
    const goal = await setup.stopped();
    expect(goal.status).toBe('complete');
    const rows = await ledger(setup);
    expect(rows.map((row) => [row.outcome, row.price?.input])).toEqual([
      ['lost', 0],
      ['completed', 50],
    ]);
    const sum = costs(rows).reduce<number>((total, cost) => total + (cost ?? 0), 0);
    expect(goal.costUsd).toBe(sum / 1_000_000_000);
  });

  it('that goes away under a cost budget stops the goal before the next request', async () => {
    const latch = new Latch();
    await using setup = await goalSetup({
      config: priced(1),
      script: byProgress(() => latch.thenReply(STEP), DONE),
    });
    const { threadId } = setup;
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 1 });
    await eventually('a request is in flight', () => setup.model.requests.length === 1);
    await reload(setup, { ...QUICK, ...FAST });
    latch.open();
    const goal = await setup.stopped();
    expect(goal).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'costBudget' },
      costUsd: 0.001,
    });
    expect(goal.statusReason?.message).toMatch(/price of the model .* not known.*pricing/su);
    expect(setup.model.requests).toHaveLength(1);
    const more = setup.client.request(requests.threadGoalResume, { threadId, addCostUsd: 5 });
    await expect(more).rejects.toMatchObject({ data: { code: 'price_unknown' } });
  });
});

describe.each(['responses', 'chat'] as const)('the priority tier over the %s API', (wireApi) => {
  const tiers = (setup: GoalSetup) =>
    setup.model.requests.map((request) => request.body['service_tier']);

  it('is asked for by name and charged as it was served, at twice the price', async () => {
    await using setup = await goalSetup({
      config: priced(1, { model: { wireApi } }),
      script: byProgress(
        { ...STEP, serviceTier: 'priority' },
        { ...STEP, serviceTier: 'default' },
        DONE,
      ),
    });
    const { threadId, client } = setup;
    const resumed = await client.request(requests.threadResume, { threadId, serviceTier: 'fast' });
    expect(resumed.serviceTier).toBe('priority');
    await setup.setGoal({ objective: 'Do it.', costBudgetUsd: 1 });
    expect(await setup.stopped()).toMatchObject({ status: 'complete', tokensUsed: 6_000 });
    expect(tiers(setup)).toEqual(['priority', 'priority', 'priority']);
    const rows = await ledger(setup);
    expect(rows.map((row) => row.serviceTier)).toEqual(['priority', 'default', 'priority']);
    expect(costs(rows)).toEqual([2_000_000, 1_000_000, 2_000_000]);
    const { report } = await client.request(requests.goalReport, { threadId });
    expect(report).toMatchObject({ serviceTier: 'priority', fastRequests: 2 });
    expect(report.summary).toContain('2 requests at the priority tier');
  });

  it('that a server does not know is left out, and not charged', async () => {
    await using setup = await goalSetup({
      config: priced(1, { model: { wireApi }, fastMode: { enabled: true } }),
      script: (request) =>
        request.body['service_tier'] === undefined
          ? DONE
          : {
              fault: {
                kind: 'status',
                status: 400,
                body: {
                  error: { message: 'Unknown parameter: service_tier', param: 'service_tier' },
                },
              },
            },
    });
    await setup.setGoal({ objective: 'Do it.' });
    expect(await setup.stopped()).toMatchObject({ status: 'complete', costUsd: 0.001 });
    expect(tiers(setup)).toEqual(['priority', undefined]);
    expect((await ledger(setup)).map((row) => row.serviceTier)).toEqual(['priority', 'default']);
  });
});

it('a turn sets the tier for itself and the turns after it, and null gives it back', async () => {
  await using setup = await goalSetup({ config: priced(1), script: () => ({ text: 'Yes.' }) });
  const { threadId, client } = setup;
  const says = async (params: { serviceTier?: 'priority' | 'default' | null }): Promise<void> => {
    const asked = setup.model.requests.length;
    await client.request(requests.turnStart, { threadId, input: input('?'), ...params });
    await eventually('it was answered', async () => {
      const { thread } = await client.request(requests.threadRead, { threadId });
      return setup.model.requests.length > asked && thread.status.type === 'idle';
    });
  };
  await says({});
  await says({ serviceTier: 'priority' });
  await says({});
  await says({ serviceTier: null });
  expect(setup.model.requests.map((request) => request.body['service_tier'])).toEqual([
    undefined,
    'priority',
    'priority',
    undefined,
  ]);
});
