import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { calls, says, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld } from './support/api-world.js';
import { CLAIM, input } from './support/scripts.js';

function toolNames(body: Readonly<Record<string, unknown>> | undefined): string[] {
  return ((body?.['tools'] ?? []) as { name: string }[]).map((tool) => tool.name);
}

describe('with features.goals off', () => {
  it('no goal method works, threads and turns do, and the model has no goal tools', async () => {
    await using world = await ApiWorld.start({ ...QUICK, features: { goals: false } });
    const place = await world.place(() => says('Hello.'));
    const { threadId } = place;
    for (const [message, params] of [
      [requests.threadGoalGet, { threadId }],
      [requests.threadGoalSet, { threadId, objective: 'x' }],
      [requests.threadGoalPause, { threadId }],
      [requests.threadGoalResume, { threadId }],
      [requests.threadGoalClear, { threadId }],
      [requests.goalList, {}],
      [requests.goalWait, { threadId }],
      [requests.goalReport, { threadId }],
      [requests.goalUsage, { threadId }],
      [requests.goalEventsList, {}],
      [requests.goalSubscribe, {}],
      [requests.turnStart, { threadId, input: input('x'), goalMode: true }],
    ] as const) {
      await expect(
        world.unix.request(message, params as never),
        message.method,
      ).rejects.toMatchObject({ rpcCode: -32600, data: { code: 'feature_disabled' } });
    }
    expect(place.asked()).toEqual([]);
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Hi') });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
    const names = toolNames(place.asked()[0]?.body);
    expect(names).toContain('shell');
    expect(names).not.toContain('get_goal');
    expect(names).not.toContain('set_goal');
  });
});

describe('with features.goalTools off', () => {
  it('goals work, and the model can neither see nor call the goal tools', async () => {
    await using world = await ApiWorld.start({ ...QUICK, features: { goalTools: false } });
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1 ? CLAIM : n === 2 ? calls(toolCall('get_goal', {})) : says('Oh.');
    });
    const { threadId } = place;
    await place.setGoal({ objective: 'SECRETLY-KNOWN', maxTurns: 1 });
    expect(await place.stopped()).toMatchObject({ status: 'budgetLimited', verified: false });
    const names = toolNames(place.asked()[0]?.body);
    expect(names).toContain('shell');
    expect(names).not.toContain('get_goal');
    expect(names).not.toContain('set_goal');
    expect(place.asked()[0]?.rawBody).toContain('SECRETLY-KNOWN');
    const items = world.ws
      .all(notifications.itemCompleted)
      .filter((params) => params.threadId === threadId && params.item.type === 'dynamicToolCall')
      .map(({ item }) => item);
    expect(items).toMatchObject([{ success: false }, { success: false }]);
  });

  it('the model is offered both by default', async () => {
    await using world = await ApiWorld.start();
    const place = await world.place(() => CLAIM);
    await place.setGoal({ objective: 'Do it.' });
    await place.stopped();
    expect(toolNames(place.asked()[0]?.body).toSorted()).toEqual(
      [
        'apply_patch',
        'get_goal',
        'list_files',
        'process',
        'read_file',
        'search',
        'set_goal',
        'shell',
        'update_plan',
        'wait',
      ].toSorted(),
    );
  });
});

describe('limits of the configuration', () => {
  it('bound what a goal can be given, and are what it has by default', async () => {
    await using world = await ApiWorld.start({
      ...QUICK,
      limits: { maxTokenBudget: 50_000, tokenCeiling: 40_000, maxTurns: 7, timeBudgetSeconds: 60 },
    });
    const place = await world.place(() => CLAIM);
    for (const [over, code] of [
      [{ tokenBudget: 50_001 }, 'budget_over_policy'],
      [{ timeBudgetSeconds: 43_201 }, 'budget_over_policy'],
    ] as const) {
      await expect(
        place.setGoal({ objective: 'x', status: 'paused', ...over }),
      ).rejects.toMatchObject({ rpcCode: -32600, data: { code } });
    }
    expect(await place.goal()).toBeNull();
    expect(await place.setGoal({ objective: 'x', status: 'paused' })).toMatchObject({
      tokenCeiling: 40_000,
      maxTurns: 7,
      timeBudgetSeconds: 60,
    });
    await expect(
      world.ws.request(requests.threadGoalResume, { threadId: place.threadId, addTokens: 60_000 }),
    ).rejects.toMatchObject({ data: { code: 'budget_over_policy' } });
    expect(await place.goal()).toMatchObject({ status: 'paused' });
  });
});
