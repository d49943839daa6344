import { notifications, requests, RPC_ERROR, type GoalEvent } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import type { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { ApiWorld, type Place } from './support/api-world.js';
import { RawSocket } from './support/raw-socket.js';
import { CLAIM, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const script = (): Parameters<ApiWorld['place']>[0] =>
  byProgress(runs('echo 1 >> a.txt'), says('So far.'), CLAIM);

/** A goal that has come to its end, turn and all. */
async function finished(place: Place): Promise<void> {
  await place.setGoal({ objective: 'Count.' });
  await place.stopped();
  await eventually('its last turn has ended', async () => {
    const { data } = await world.ws.request(requests.goalEventsList, {
      threadId: place.threadId,
      limit: 5000,
    });
    return data.at(-1)?.type === 'turn.completed';
  });
}

async function stored(params: object = {}): Promise<GoalEvent[]> {
  return (await world.ws.request(requests.goalEventsList, { limit: 5000, ...params })).data;
}

function got(client: RpcClient, subscriptionId: string): number[] {
  return client
    .all(notifications.goalEvent)
    .filter((event) => event.subscriptionId === subscriptionId)
    .map((event) => event.seq);
}

describe('goal/events/list', () => {
  it('is gap-free, pages to its end, and filters by thread and goal', async () => {
    const one = await world.place(script());
    const two = await world.place(script());
    await Promise.all([finished(one), finished(two)]);
    const all = await stored();
    expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => index + 1));
    expect(all[0]?.type).toBe('daemon.started');

    const seen: GoalEvent[] = [];
    let sinceSeq = 0;
    for (;;) {
      const page = await world.unix.request(requests.goalEventsList, { sinceSeq, limit: 7 });
      expect(page.data.length).toBeLessThanOrEqual(7);
      if (page.data.length === 0) {
        expect(page.nextSeq).toBe(sinceSeq);
        break;
      }
      seen.push(...page.data);
      sinceSeq = page.nextSeq;
    }
    expect(seen).toEqual(all);

    const ofOne = await stored({ threadId: one.threadId });
    expect(ofOne).toEqual(all.filter((event) => event.threadId === one.threadId));
    const goalId = ofOne[0]?.goalId ?? expect.unreachable();
    expect(await stored({ goalId })).toEqual(all.filter((event) => event.goalId === goalId));
    expect(await stored({ goalId, threadId: two.threadId })).toEqual([]);
  });

  it('tells a goal’s life in the order in which it happened', async () => {
    const place = await world.place(script());
    await finished(place);
    const types = (await stored({ threadId: place.threadId })).map((event) => event.type);
    expect(types[0]).toBe('goal.created');
    const first = (type: string): number => types.indexOf(type as (typeof types)[number]);
    expect(first('turn.started')).toBeGreaterThan(0);
    expect(first('item.completed')).toBeGreaterThan(first('turn.started'));
    expect(first('goal.usage')).toBeGreaterThan(first('turn.started'));
    expect(types.filter((type) => type === 'goal.usage')).toHaveLength(3);
    expect(types.filter((type) => type === 'turn.started')).toHaveLength(2);
    expect(types.filter((type) => type === 'turn.completed')).toHaveLength(2);
    expect(types.lastIndexOf('goal.statusChanged')).toBeLessThan(
      types.lastIndexOf('turn.completed'),
    );
    expect(types.at(-1)).toBe('turn.completed');
  });

  it('refuses a cursor from the future', async () => {
    const headSeq = (await stored()).length;
    await expect(
      world.ws.request(requests.goalEventsList, { sinceSeq: headSeq + 1000 }),
    ).rejects.toMatchObject({ rpcCode: -32600, data: { code: 'cursor_expired' } });
  });
});

describe('goal/subscribe', () => {
  it('gives the backfill and then what happens, each event exactly once and in order', async () => {
    const before = await world.place(script());
    await finished(before);
    await using client = await world.another();
    const during = await world.place(script());
    const running = finished(during);
    const { subscriptionId, headSeq } = await client.request(requests.goalSubscribe, {
      sinceSeq: 0,
    });
    expect(headSeq).toBeGreaterThan(0);
    await running;
    const seqs = (await stored()).map((event) => event.seq);
    await eventually('all events', () => got(client, subscriptionId).length >= seqs.length);
    expect(got(client, subscriptionId)).toEqual(seqs);
    const order = client.log.map(({ method }) => method);
    expect(order.indexOf(`response:${requests.goalSubscribe.method}`)).toBeLessThan(
      order.indexOf(notifications.goalEvent.method),
    );
  });

  it('gives a long backfill exactly once while the log grows', async () => {
    const place = await world.place(script());
    await place.setGoal({ objective: 'Later.', status: 'paused' });
    const edit = (n: number): Promise<unknown> =>
      place.setGoal({ objective: `Later ${String(n)}.` });
    for (let n = 0; n < 450; n += 1) await edit(n);
    await using client = await world.another();
    const edits = Array.from({ length: 150 }, (_, n) => edit(1000 + n));
    const { subscriptionId } = await client.request(requests.goalSubscribe, { sinceSeq: 0 });
    await Promise.all(edits);
    const seqs = (await stored()).map((event) => event.seq);
    expect(seqs.length).toBeGreaterThan(600);
    await eventually('all events', () => got(client, subscriptionId).length >= seqs.length);
    expect(got(client, subscriptionId)).toEqual(seqs);
  });

  it('without a cursor gives only what happens from now on', async () => {
    await using client = await world.another();
    const { subscriptionId, headSeq } = await client.request(requests.goalSubscribe, {});
    await finished(await world.place(script()));
    const seqs = (await stored({ sinceSeq: headSeq })).map((event) => event.seq);
    await eventually('all events', () => got(client, subscriptionId).length >= seqs.length);
    expect(got(client, subscriptionId)).toEqual(seqs);
  });

  it('goes on from a cursor after a reconnect', async () => {
    const place = await world.place(script());
    let last: number;
    {
      await using client = await world.another();
      await client.request(requests.goalSubscribe, { sinceSeq: 0 });
      await client.until(notifications.goalEvent);
      await place.setGoal({ objective: 'Count.' });
      await client.until(notifications.goalEvent, (event) => event.threadId === place.threadId);
      last = client.all(notifications.goalEvent).at(-1)?.seq ?? expect.unreachable();
    }
    await place.stopped();
    await using client = await world.another();
    const { storeEpoch } = await client.request(requests.goalEventsList, { limit: 1 });
    const { subscriptionId } = await client.request(requests.goalSubscribe, {
      sinceSeq: last,
      storeEpoch,
    });
    await client.until(
      notifications.goalEvent,
      (event) =>
        event.threadId === place.threadId &&
        event.type === 'goal.statusChanged' &&
        event.data['to'] === 'complete',
    );
    const seqs = got(client, subscriptionId);
    expect(seqs).toEqual(seqs.map((_, index) => last + 1 + index));
  });

  it('filters by thread and type, in the backfill and live', async () => {
    const one = await world.place(script());
    const two = await world.place(script());
    await finished(one);
    await using client = await world.another();
    const filtered = await client.request(requests.goalSubscribe, {
      sinceSeq: 0,
      threadIds: [one.threadId, two.threadId],
      types: ['turn.started', 'goal.created'],
    });
    await finished(two);
    const wanted = (await stored())
      .filter((event) => event.threadId === one.threadId || event.threadId === two.threadId)
      .filter((event) => event.type === 'turn.started' || event.type === 'goal.created')
      .map((event) => event.seq);
    expect(wanted).toHaveLength(6);
    await eventually('the events', () => got(client, filtered.subscriptionId).length >= 6);
    expect(got(client, filtered.subscriptionId)).toEqual(wanted);
  });

  it('refuses a cursor from the future and one of another store, and says what there is', async () => {
    const { data, storeEpoch } = await world.ws.request(requests.goalEventsList, { limit: 5000 });
    const headSeq = data.at(-1)?.seq ?? 0;
    await expect(
      world.ws.request(requests.goalSubscribe, { sinceSeq: headSeq + 1000 }),
    ).rejects.toMatchObject({
      rpcCode: -32600,
      data: { code: 'cursor_expired', firstSeq: 1 },
    });
    await expect(
      world.ws.request(requests.goalSubscribe, { sinceSeq: 1, storeEpoch: 'another' }),
    ).rejects.toMatchObject({ rpcCode: -32600, data: { code: 'epoch_changed', storeEpoch } });
    await expect(
      world.ws.request(requests.goalSubscribe, { types: ['no.such.type'] as never }),
    ).rejects.toMatchObject({ data: { code: 'invalid_params' } });
  });

  it('ends with goal/unsubscribe, for that subscription alone', async () => {
    await using client = await world.another();
    const first = await client.request(requests.goalSubscribe, {});
    const second = await client.request(requests.goalSubscribe, {});
    const { subscriptionId } = first;
    expect(await client.request(requests.goalUnsubscribe, { subscriptionId })).toEqual({});
    expect(await client.request(requests.goalUnsubscribe, { subscriptionId })).toEqual({});
    // A subscription is its connection's own.
    await world.unix.request(requests.goalUnsubscribe, {
      subscriptionId: second.subscriptionId,
    });
    const place = await world.place(script());
    await place.setGoal({ objective: 'Later.', status: 'paused' });
    await client.until(
      notifications.goalEvent,
      (event) => event.subscriptionId === second.subscriptionId,
    );
    expect(got(client, subscriptionId)).toEqual([]);
  });

  it('keeps from a client the notifications it opted out of', async () => {
    await using raw = await RawSocket.open(world.daemon.paths.socket, {
      optOutNotificationMethods: [notifications.threadGoalUpdated.method],
    });
    raw.send({ id: 'sub', method: requests.goalSubscribe.method, params: {} });
    await raw.answer('sub');
    const place = await world.place(script());
    await place.setGoal({ objective: 'Later.', status: 'paused' });
    await eventually('the event', () =>
      raw.received.some((message) => message['method'] === notifications.goalEvent.method),
    );
    await world.ws.request(requests.threadGoalClear, { threadId: place.threadId });
    await eventually('the end', () =>
      raw.received.some((message) => message['method'] === notifications.threadGoalCleared.method),
    );
    const methods = raw.received.map((message) => message['method']);
    expect(methods).not.toContain(notifications.threadGoalUpdated.method);
  });
});

describe('an event that changes a goal', () => {
  it('is in the log before its notification tells of it', async () => {
    const place = await world.place(script());
    await finished(place);
    const told = world.unix
      .all(notifications.threadGoalUpdated)
      .filter((params) => params.threadId === place.threadId);
    expect(told.at(-1)?.goal.status).toBe('complete');
    const revisions = told.map((params) => params.goal.revision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    const tokens = told.map((params) => params.goal.tokensUsed);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(await place.goal()).toEqual(told.at(-1)?.goal);
  });
});

describe('subscriptions of one connection', () => {
  it('are a hundred at most; ending one makes room, and other connections have their own', async () => {
    await using client = await world.another();
    const subscribe = (): Promise<{ subscriptionId: string }> =>
      client.request(requests.goalSubscribe, {});
    const all = await Promise.all(Array.from({ length: 100 }, subscribe));
    await expect(subscribe()).rejects.toMatchObject({
      rpcCode: RPC_ERROR.invalidRequest,
      data: { code: 'invalid_request', max: 100 },
    });
    await world.unix.request(requests.goalSubscribe, {});
    await client.request(requests.goalUnsubscribe, {
      subscriptionId: all[0]?.subscriptionId ?? '',
    });
    await expect(subscribe()).resolves.toBeDefined();
  });
});
