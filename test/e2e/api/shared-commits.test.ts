import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { notifications, requests, type Goal } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { startDaemon, type DaemonProcess } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { RawWebSocket } from '../../helpers/wire/raw-web-socket.js';

const { threadStart, threadGoalSet, threadGoalGet, goalEventsList, initialize } = requests;

async function pausedGoal(client: RpcClient, cwd: string): Promise<Goal> {
  const { thread } = await client.request(threadStart, { cwd });
  const params = { threadId: thread.id, objective: 'Rest.', status: 'paused' as const };
  return (await client.request(threadGoalSet, params)).goal;
}

const onUnix = (daemon: DaemonProcess): Promise<RpcClient> =>
  RpcClient.connect(`unix://${daemon.paths.socket}`);

interface Answer {
  readonly id?: string;
  readonly method?: string;
  readonly params?: { readonly goal?: Goal };
  readonly result?: { readonly goal: Goal };
  readonly error?: { readonly data: { readonly code: string } };
}

describe('mutations that come in one piece', () => {
  it('are answered in order, each before what it caused, a refused one alone refused, and a read between them sees those before it', async () => {
    await using folder = await tempFolder();
    await using daemon = await startDaemon({ home: join(folder.path, 'h') });
    await using client = await onUnix(daemon);
    const { threadId, revision } = await pausedGoal(client, folder.path);
    using raw = await RawWebSocket.open(daemon.wsUrl, await daemon.token());
    raw.send({
      id: 'i',
      method: initialize.method,
      params: { clientInfo: { name: 'r', version: '0' } },
    });
    const received = (): Answer[] => raw.received().texts.map((text) => JSON.parse(text) as Answer);
    await eventually('the answer to initialize', () => received().length > 0);
    const set = (id: string, params: object): void => {
      raw.send({ id, method: threadGoalSet.method, params: { threadId, ...params } });
    };
    raw.socket.cork();
    set('a', { tokenBudget: 1001 });
    set('b', { tokenBudget: 1002, expectedRevision: revision });
    set('c', { tokenBudget: 1003 });
    raw.send({ id: 'd', method: threadGoalGet.method, params: { threadId } });
    set('e', { tokenBudget: 1004 });
    raw.socket.uncork();
    await eventually('all came', () => received().length === 1 + 5 + 3);
    const answers = received().slice(1);
    const ids = answers.flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'e']);
    const budget = (id: string): number | null | undefined =>
      answers.find((answer) => answer.id === id)?.result?.goal.tokenBudget;
    expect(['a', 'c', 'd', 'e'].map(budget)).toEqual([1001, 1003, 1003, 1004]);
    expect(answers.find(({ id }) => id === 'b')?.error?.data.code).toBe('revision_conflict');
    const told = answers.filter(({ method }) => method === notifications.threadGoalUpdated.method);
    expect(told.map(({ params }) => params?.goal?.tokenBudget)).toEqual([1001, 1003, 1004]);
    for (const id of ['a', 'c', 'e']) {
      const caused = answers.findIndex(({ params }) => params?.goal?.tokenBudget === budget(id));
      expect(answers.findIndex((answer) => answer.id === id)).toBeLessThan(caused);
    }
    const others = client.all(notifications.threadGoalUpdated).map(({ goal }) => goal.tokenBudget);
    expect(others.slice(-3)).toEqual([1001, 1003, 1004]);
  });

  it('outlive kill -9 once they are answered, and what was not is done once by sending it again', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    const goals: Goal[] = [];
    const asked = new Map<string, { threadId: string; tokenBudget: number }>();
    const acknowledged = new Map<string, Goal>();
    {
      await using daemon = await startDaemon({ home });
      await using client = await onUnix(daemon);
      for (let count = 0; count < 4; count += 1) goals.push(await pausedGoal(client, folder.path));
      let open = true;
      const keepAsking = async (goal: Goal): Promise<void> => {
        while (open) {
          const idempotencyKey = randomUUID();
          const change = { threadId: goal.threadId, tokenBudget: 1000 + asked.size };
          asked.set(idempotencyKey, change);
          const answer = await client.request(threadGoalSet, { ...change, idempotencyKey });
          acknowledged.set(idempotencyKey, answer.goal);
        }
      };
      // Four of each goal in flight, so that they meet in the commits.
      const all = Promise.allSettled([...goals, ...goals, ...goals, ...goals].map(keepAsking));
      await eventually('many are acknowledged', () => acknowledged.size > 300);
      await daemon.kill('SIGKILL');
      open = false;
      await all;
    }
    await using daemon = await startDaemon({ home });
    await using client = await onUnix(daemon);
    for (const { threadId } of goals) {
      const seen = [...acknowledged.values()].filter((goal) => goal.threadId === threadId);
      const { goal } = await client.request(threadGoalGet, { threadId });
      expect(goal?.revision).toBeGreaterThanOrEqual(Math.max(...seen.map((one) => one.revision)));
    }
    for (const [idempotencyKey, change] of asked) {
      const { goal } = await client.request(threadGoalSet, { ...change, idempotencyKey });
      const first = acknowledged.get(idempotencyKey);
      if (first !== undefined) expect(goal).toEqual(first);
    }
    for (const { threadId, revision } of goals) {
      const times = [...asked.values()].filter((change) => change.threadId === threadId).length;
      const { goal } = await client.request(threadGoalGet, { threadId });
      expect(goal?.revision).toBe(revision + times);
    }
    const { data } = await client.request(goalEventsList, { limit: 5000 });
    expect(data.map(({ seq }) => seq)).toEqual(data.map((_, index) => index + 1));
    expect(data.filter(({ type }) => type === 'goal.edited')).toHaveLength(asked.size);
  });
});
