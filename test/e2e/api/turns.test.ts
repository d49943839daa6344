import { notifications, requests, wordsOf } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { says } from '../../helpers/model-server/index.js';
import { ApiWorld } from './support/api-world.js';
import { CLAIM, input, Latch, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What a client got about one thread since a point in its log, in order. */
function heard(
  log: readonly { method: string; params: Record<string, unknown> }[],
  threadId: string,
): string[] {
  return log
    .filter(
      ({ method, params }) => method.startsWith('response:') || params['threadId'] === threadId,
    )
    .map(({ method, params }) => {
      const item = params['item'] as { type: string } | undefined;
      const status = params['status'] as { type: string } | undefined;
      return [method, item?.type ?? status?.type].filter((part) => part !== undefined).join(' ');
    });
}

const isTurn =
  (id: string) =>
  (params: { turn: { id: string } }): boolean =>
    params.turn.id === id;

describe('a turn without a goal', () => {
  it('is told in the order of the reference, and needs no goal', async () => {
    await using client = await world.another();
    const place = await world.place(
      () => says('Hello there, this text is longer than one piece of the stream.'),
      { client },
    );
    const { threadId } = place;
    const from = client.log.length;
    const { turn } = await client.request(requests.turnStart, {
      threadId,
      input: input('Hello.'),
      clientUserMessageId: 'mine-1',
    });
    expect(turn).toMatchObject({ status: 'inProgress', error: null, completedAt: null });
    const completed = await client.until(notifications.turnCompleted, isTurn(turn.id));
    expect(completed.turn).toMatchObject({ status: 'completed', error: null });

    const order = heard(client.log.slice(from), threadId);
    const delta = notifications.agentMessageDelta.method;
    const folded = order.filter((method, at) => method !== delta || order[at - 1] !== delta);
    expect(folded).toEqual([
      `response:${requests.turnStart.method}`,
      `${notifications.threadStatusChanged.method} active`,
      notifications.turnStarted.method,
      `${notifications.itemStarted.method} userMessage`,
      `${notifications.itemCompleted.method} userMessage`,
      `${notifications.itemStarted.method} agentMessage`,
      delta,
      `${notifications.itemCompleted.method} agentMessage`,
      notifications.threadTokenUsageUpdated.method,
      notifications.threadReadStateChanged.method,
      `${notifications.threadStatusChanged.method} idle`,
      notifications.turnCompleted.method,
    ]);
    const items = client.all(notifications.itemCompleted).map(({ item }) => item);
    const [user, agent] = items;
    expect(user).toMatchObject({ type: 'userMessage', clientId: 'mine-1' });
    const text = client.all(notifications.agentMessageDelta).map((params) => params.delta);
    expect(text.length).toBeGreaterThan(1);
    expect(agent).toMatchObject({ type: 'agentMessage', text: text.join('') });
    const [usage] = client.all(notifications.threadTokenUsageUpdated);
    const bill = place.asked()[0];
    expect(bill?.state).toBe('sent');
    expect(usage?.tokenUsage.total).toEqual(usage?.tokenUsage.last);
    expect(usage?.tokenUsage.total.totalTokens).toBeGreaterThan(0);
    expect(usage?.turnId).toBe(turn.id);
    expect(await place.goal()).toBeNull();
  });

  it('runs tools until the model has nothing more to call', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1 ? runs('cat a.txt') : says('It says one.');
    });
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId: place.threadId,
      input: input('What is in a.txt?'),
    });
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(place.asked()).toHaveLength(2);
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('one\\n');
    const command = world.ws
      .all(notifications.itemCompleted)
      .find((params) => params.turnId === turn.id && params.item.type === 'commandExecution');
    expect(command?.item).toMatchObject({ exitCode: 0, aggregatedOutput: 'one\n' });
  });

  it('joins a turn that is in flight', async () => {
    const latch = new Latch();
    const place = await world.place(async (request) =>
      request.input.length === 1 ? latch.thenReply(says('First.')) : says('Second.'),
    );
    const { threadId } = place;
    const first = await world.ws.request(requests.turnStart, { threadId, input: input('One') });
    await eventually('the model is asked', () => place.asked().length === 1);
    const second = await world.unix.request(requests.turnStart, { threadId, input: input('Two') });
    expect(second.turn.id).toBe(first.turn.id);
    latch.open();
    await world.ws.until(notifications.turnCompleted, isTurn(first.turn.id));
    expect(place.asked()).toHaveLength(2);
    const { thread } = await world.ws.request(requests.threadRead, {
      threadId,
      includeTurns: true,
    });
    expect(thread.turns).toHaveLength(1);
    const words = thread.turns[0]?.items.map((item) =>
      item.type === 'userMessage'
        ? wordsOf(item.content)
        : item.type === 'agentMessage' && item.text,
    );
    expect(words?.toSorted()).toEqual(['First.', 'One', 'Second.', 'Two']);
    const asked = place.asked()[1]?.body['input'] as { content?: unknown }[];
    expect(asked.map((item) => item.content)).toEqual(['One', 'First.', 'Two']);
  });

  it('is made once for one idempotencyKey', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const start = { threadId, input: input('Once.'), idempotencyKey: 'say-once' };
    const first = await world.ws.request(requests.turnStart, start);
    await world.ws.until(notifications.turnCompleted, isTurn(first.turn.id));
    const again = await world.unix.request(requests.turnStart, start);
    expect(again.turn.id).toBe(first.turn.id);
    const { data } = await world.ws.request(requests.threadTurnsList, { threadId });
    expect(data).toHaveLength(1);
    expect(place.asked()).toHaveLength(1);
    await expect(
      world.ws.request(requests.threadNameSet, {
        threadId,
        name: 'x',
        idempotencyKey: 'say-once',
      }),
    ).rejects.toMatchObject({ data: { code: 'invalid_request' } });
  });

  it('refuses input of a kind that is not served, and confinement that cannot be had', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const image = [{ type: 'image', url: 'data:' }] as never;
    for (const bad of [image, []]) {
      await expect(
        world.ws.request(requests.turnStart, { threadId, input: bad }),
      ).rejects.toMatchObject({ rpcCode: -32602, data: { code: 'invalid_params' } });
    }
    for (const [confined, code] of [
      [{ sandboxPolicy: { type: 'externalSandbox' } }, 'sandbox_unavailable'],
    ] as const) {
      await expect(
        world.ws.request(requests.turnStart, { threadId, input: input('Hi'), ...confined }),
      ).rejects.toMatchObject({ data: { code } });
    }
    expect(place.asked()).toEqual([]);
  });

  it('uses the model a client asks for, from then on', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    for (const model of ['other-model', undefined]) {
      const { turn } = await world.ws.request(requests.turnStart, {
        threadId,
        input: input('Hi'),
        model,
      });
      await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    }
    expect(place.asked().map((request) => request.body['model'])).toEqual([
      'other-model',
      'other-model',
    ]);
  });

  it('adds its tokens to those of the thread', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    for (const text of ['One', 'Two']) {
      const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input(text) });
      await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    }
    const [one, two] = world.ws
      .all(notifications.threadTokenUsageUpdated)
      .filter((params) => params.threadId === threadId)
      .map((params) => params.tokenUsage);
    expect(two?.total.totalTokens).toBe(
      (one?.last.totalTokens ?? 0) + (two?.last.totalTokens ?? 0),
    );
    expect(two?.last.inputTokens).toBeGreaterThan(one?.last.inputTokens ?? 0);
  });

  it('that fails tells of the error and then ends as failed', async () => {
    const place = await world.place(() => ({
      fault: { kind: 'status', status: 401, body: { error: { message: 'Bad key.' } } },
    }));
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Hi') });
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(ended.turn).toMatchObject({ status: 'failed' });
    expect(ended.turn.error?.message).toContain('Bad key.');
    const told = world.ws.all(notifications.turnError).filter(({ turnId }) => turnId === turn.id);
    expect(told).toMatchObject([{ willRetry: false, error: ended.turn.error }]);
    expect(await world.ws.request(requests.threadRead, { threadId })).toMatchObject({
      thread: { status: { type: 'idle' } },
    });
    expect(JSON.stringify(world.ws.log)).not.toContain('sk-test');
  });

  it('is tried again when the provider is busy, and says so', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1 ? { fault: { kind: 'status', status: 503, body: 'busy' } } : says('Here.');
    });
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId: place.threadId,
      input: input('Hi'),
    });
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(ended.turn.status).toBe('completed');
    const told = world.ws.all(notifications.turnError).filter(({ turnId }) => turnId === turn.id);
    expect(told).toMatchObject([{ willRetry: true }]);
  });

  it('gives up after some tries', async () => {
    const place = await world.place(() => ({ fault: { kind: 'refuse' } }));
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId: place.threadId,
      input: input('Hi'),
    });
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(ended.turn.status).toBe('failed');
    expect(place.asked()).toHaveLength(6);
  });
});

describe('turn/start with goalMode', () => {
  it('makes the input the goal and works on it in that turn', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId,
      input: input('  Make it so.  '),
      goalMode: true,
    });
    expect(await place.stopped()).toMatchObject({
      objective: 'Make it so.',
      status: 'complete',
      turnsUsed: 1,
      isolation: 'inPlace',
    });
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(place.asked()).toHaveLength(1);
  });

  it('refuses an empty objective and makes neither goal nor turn', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    for (const [text, code] of [
      ['   ', 'objective_empty'],
      ['x'.repeat(4001), 'objective_too_long'],
    ] as const) {
      await expect(
        world.ws.request(requests.turnStart, { threadId, input: input(text), goalMode: true }),
      ).rejects.toMatchObject({ data: { code } });
    }
    expect(await place.goal()).toBeNull();
    const { data } = await world.ws.request(requests.threadTurnsList, { threadId });
    expect(data).toEqual([]);
  });
});
