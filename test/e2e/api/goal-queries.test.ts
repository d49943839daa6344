import {
  notifications,
  requests,
  type Goal,
  type LedgerRow,
  type ParamsInput,
  type ResultOf,
} from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld } from './support/api-world.js';
import { RawSocket } from './support/raw-socket.js';
import { CLAIM, input, Latch, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const HANG = { text: 'Too late.', delayMs: 60_000 };

describe('goal/list', () => {
  it('filters by status and folder and pages without gap or repeat', async () => {
    const make = async (status: 'paused' | 'complete'): Promise<Goal & { cwd: string }> => {
      const place = await world.place(() => CLAIM);
      const goal =
        status === 'paused'
          ? await place.setGoal({ objective: 'Later.', status })
          : (await place.setGoal({ objective: 'Now.' }), await place.stopped());
      return { ...goal, cwd: place.repository };
    };
    const goals = [await make('paused'), await make('complete'), await make('paused')];
    const ids = new Set(goals.map((goal) => goal.goalId));
    const list = (
      params: object,
    ): Promise<{ data: (Goal & { cwd: string })[]; nextCursor: string | null }> =>
      world.unix.request(requests.goalList, params);
    const mine = (page: readonly Goal[]): string[] =>
      page.map((goal) => goal.goalId).filter((id) => ids.has(id));
    expect(mine((await list({ status: 'complete' })).data)).toEqual([goals[1]?.goalId]);
    expect(mine((await list({ status: ['paused', 'complete'] })).data)).toEqual(
      goals.map((goal) => goal.goalId).toReversed(),
    );
    expect(mine((await list({ status: [] })).data)).toEqual([]);
    const [byFolder] = (await list({ cwd: goals[0]?.cwd })).data;
    expect(byFolder).toMatchObject({ goalId: goals[0]?.goalId, cwd: goals[0]?.cwd });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ limit: 1, cursor });
      seen.push(...page.data.map((goal) => goal.goalId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual((await list({})).data.map((goal) => goal.goalId));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('goal/wait', () => {
  it('answers at once when it is so already, and when it becomes so', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(CLAIM));
    const { threadId } = place;
    await place.setGoal({ objective: 'Work.' });
    const now = await world.unix.request(requests.goalWait, { threadId, until: ['active'] });
    expect(now).toMatchObject({ timedOut: false, goal: { status: 'active' } });
    const later = world.unix.request(requests.goalWait, { threadId });
    latch.open();
    expect(await later).toMatchObject({ timedOut: false, goal: { status: 'complete' } });
    const never = { threadId, until: ['blocked' as const], timeoutMs: 50 };
    expect(await world.unix.request(requests.goalWait, never)).toMatchObject({
      timedOut: true,
      goal: { status: 'complete' },
    });
  });

  it('answers null when the goal is cleared, or its thread deleted', async () => {
    for (const end of ['clear', 'delete'] as const) {
      const place = await world.place(() => HANG);
      const { threadId } = place;
      await place.setGoal({ objective: 'Work.' });
      const waiting = world.unix.request(requests.goalWait, { threadId });
      await world.ws.request(requests.threadGoalGet, { threadId });
      if (end === 'clear') await world.ws.request(requests.threadGoalClear, { threadId });
      else await world.ws.request(requests.threadDelete, { threadId });
      expect(await waiting).toEqual({ goal: null, timedOut: false });
    }
  });

  it('does not hold up other requests, and can be cancelled', async () => {
    const place = await world.place(() => HANG);
    const { threadId } = place;
    await place.setGoal({ objective: 'Work.' });
    await using raw = await RawSocket.open(world.daemon.paths.socket);
    raw.send({ id: 'wait', method: requests.goalWait.method, params: { threadId } });
    raw.send({ id: 'get', method: requests.threadGoalGet.method, params: { threadId } });
    await raw.answer('get');
    expect(raw.received.some((message) => message['id'] === 'wait')).toBe(false);
    raw.send({ method: '$/cancelRequest', params: { id: 'wait' } });
    expect(await raw.answer('wait')).toHaveProperty('error');
    await world.ws.request(requests.threadGoalClear, { threadId });
  });

  it('is goal_not_found without a goal', async () => {
    const { threadId } = await world.place(() => HANG);
    for (const message of [requests.goalWait, requests.goalReport, requests.goalUsage]) {
      const answer = world.ws.request(message, { threadId });
      await expect(answer).rejects.toMatchObject({ data: { code: 'goal_not_found' } });
    }
  });
});

describe('goal/usage and goal/report', () => {
  it('rows add up to the totals, the counters and the bill, over all pages', async () => {
    const place = await world.place(
      byProgress(runs('echo 1 >> a.txt'), runs('echo 2 >> a.txt'), says('So far.'), CLAIM),
    );
    const { threadId } = place;
    const from = world.model.bill().lines.length;
    const { goalId } = await place.setGoal({ objective: 'Count.' });
    const goal = await place.stopped();
    await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === threadId && goal.turnsUsed === 2,
    );
    const rows: LedgerRow[] = [];
    let cursor: string | null = null;
    let totals;
    do {
      const page: UsagePage = await usage({ goalId, limit: 3, cursor });
      rows.push(...page.data);
      ({ totals } = page);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.requestId)).size).toBe(4);
    expect(rows.map((row) => row.toolCalls)).toEqual([['shell'], ['shell'], [], ['set_goal']]);
    const now = await place.goal();
    const sum = rows.reduce((total, row) => total + row.tokens, 0);
    expect(sum).toBe(now?.tokensUsed);
    expect(totals).toMatchObject({ tokens: sum, requests: 4, estimatedRequests: 0 });
    expect(totals.usage).toEqual(now?.usage);
    const bill = world.model.bill().lines.slice(from);
    expect(totals.usage.input).toBe(bill.reduce((total, line) => total + line.usage.input, 0));
    expect(totals.usage.output).toBe(bill.reduce((total, line) => total + line.usage.output, 0));
    expect(now?.tokensUsed).toBe(
      totals.usage.input - totals.usage.cachedInput + totals.usage.output,
    );
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report).toMatchObject({
      requests: 4,
      cwd: place.repository,
      diffStat: { filesChanged: 1, insertions: 2, deletions: 0 },
      evidence: [{ criterion: 'done', proof: 'see a.txt' }],
      budgets: { tokens: { used: sum }, turns: { used: 2, limit: 200 } },
    });
    expect(report.diff).toContain('+1\n+2');
    expect(report.summary).not.toBe('');
  });

  it('charge a request that was dropped, by estimate', async () => {
    const place = await world.place(() => ({ text: 'a '.repeat(4000), pieceDelayMs: 50 }));
    const { threadId } = place;
    await place.setGoal({ objective: 'Talk.' });
    await world.ws.until(notifications.agentMessageDelta, (params) => params.threadId === threadId);
    await world.ws.request(requests.threadGoalPause, { threadId });
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    const { data, totals } = await usage({ threadId });
    expect(data).toMatchObject([{ outcome: 'aborted', estimated: true, state: 'charged' }]);
    expect(data[0]?.tokens).toBeGreaterThanOrEqual(data[0]?.estimatedInput ?? Infinity);
    expect(totals).toMatchObject({ tokens: data[0]?.tokens, estimatedRequests: 1 });
    expect((await place.goal())?.tokensUsed).toBe(totals.tokens);
  });

  it('leave a user’s question on a paused goal out of the goal’s account', async () => {
    const place = await world.place(() => says('It is paused.'));
    const { threadId } = place;
    await place.setGoal({ objective: 'Later.', status: 'paused' });
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('?') });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
    const { data, totals } = await usage({ threadId });
    expect(data.reduce((sum, row) => sum + row.tokens, 0)).toBe(totals.tokens);
    expect((await place.goal())?.tokensUsed).toBe(totals.tokens);
  });

  it('want exactly one of threadId and goalId', async () => {
    for (const message of [requests.goalUsage, requests.goalReport]) {
      for (const params of [{}, { threadId: 'a', goalId: 'b' }]) {
        await expect(world.ws.request(message, params)).rejects.toMatchObject({
          rpcCode: -32602,
          data: { code: 'invalid_params' },
        });
      }
      await expect(world.ws.request(message, { goalId: 'no-such-goal' })).rejects.toMatchObject({
        data: { code: 'goal_not_found' },
      });
    }
  });
});

type UsagePage = ResultOf<typeof requests.goalUsage>;

function usage(params: ParamsInput<typeof requests.goalUsage>): Promise<UsagePage> {
  return world.unix.request(requests.goalUsage, params);
}
