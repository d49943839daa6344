import { notifications, ProtocolError, requests } from '@goald/protocol';
import { notificationText } from '@goald/server/events/broadcaster.js';
import { describe, expect, it } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer, type RpcServer } from './support/rpc-server.js';
import { until } from './support/temp-folder.js';

const cleared = notifications.threadGoalCleared;
const clear = requests.threadGoalClear.method;
const clearedText = (threadId: string): string => notificationText(cleared.method, { threadId }, 1);
const tellAll = (server: RpcServer | undefined, threadId: string): void => {
  server?.connections.broadcast(cleared.method, clearedText(threadId));
};
const told = (client: RawClient): unknown[] =>
  client.received
    .filter((message) => message.method === cleared.method)
    .map((message) => message.params?.['threadId']);

describe('a mutation tells its originator after its response', () => {
  it('the notification it caused follows the response; everyone else has it at once', async () => {
    let finish = (): void => undefined;
    const server: RpcServer = await startRpcServer({
      threadGoalClear: async ({ threadId }) => {
        tellAll(server, threadId);
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { cleared: true };
      },
    });
    const [originator, other] = [await RawClient.tcp(server), await RawClient.unix(server)];
    await originator.initialize();
    await other.initialize();
    originator.send({ id: 1, method: clear, params: { threadId: 't' } });
    expect(await other.next()).toMatchObject({ method: cleared.method, params: { threadId: 't' } });
    await originator.request('nobody/knows');
    expect(told(originator)).toEqual([]);
    finish();
    expect(await originator.next()).toMatchObject({ id: 1, result: { cleared: true } });
    expect(await originator.next()).toMatchObject({ method: cleared.method });
  });

  it('an error response releases them too', async () => {
    const server: RpcServer = await startRpcServer({
      threadGoalClear: ({ threadId }) => {
        tellAll(server, threadId);
        throw new ProtocolError('revision_conflict', 'no');
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: clear, params: { threadId: 't' } });
    expect((await client.next()).error?.data['code']).toBe('revision_conflict');
    expect((await client.next()).method).toBe(cleared.method);
  });

  it('among pipelined mutations each response precedes its own notifications, in order', async () => {
    const server: RpcServer = await startRpcServer({
      threadGoalClear: async ({ threadId }) => {
        tellAll(server, threadId);
        await new Promise((resolve) => setImmediate(resolve));
        return { cleared: true };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    const ids = Array.from({ length: 50 }, (_, index) => `t${index}`);
    for (const id of ids) client.send({ id, method: clear, params: { threadId: id } });
    await until(() => told(client).length === ids.length);
    expect(told(client)).toEqual(ids);
    for (const id of ids) {
      const response = client.received.findIndex((message) => message.id === id);
      const notification = client.received.findIndex(
        (message) => message.params?.['threadId'] === id,
      );
      expect(response).toBeLessThan(notification);
    }
  });

  it('a read holds nothing back', async () => {
    const server: RpcServer = await startRpcServer({
      threadGoalGet: async ({ threadId }) => {
        tellAll(server, threadId);
        await until(() => told(client).length === 1);
        return { goal: null };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    const answer = await client.request(requests.threadGoalGet.method, { threadId: 't' });
    expect(answer.result).toEqual({ goal: null });
  });

  it('what a subscription sends at once comes behind its own answer', async () => {
    const server = await startRpcServer({
      goalSubscribe: (_params, { session }) => {
        session.outlet.notify(clearedText('early'), cleared.method);
        return { subscriptionId: 's', headSeq: 0, storeEpoch: 'e' };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: requests.goalSubscribe.method });
    expect([await client.next(), await client.next()]).toMatchObject([
      { id: 1 },
      { method: cleared.method },
    ]);
  });

  it('afterResponse runs once the response is queued', async () => {
    const server = await startRpcServer({
      threadLoadedList: (_params, context) => {
        context.afterResponse(() => {
          context.session.outlet.notify(clearedText('after'), cleared.method);
        });
        return { data: [], nextCursor: null };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: requests.threadLoadedList.method });
    expect([await client.next(), await client.next()]).toMatchObject([
      { id: 1 },
      { method: cleared.method },
    ]);
  });
});

describe('who is told what', () => {
  it('nobody before initialize', async () => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    await until(() => server.connections.size === 1);
    tellAll(server, 'before');
    await client.initialize();
    tellAll(server, 'after');
    await until(() => told(client).length > 0);
    expect(told(client)).toEqual(['after']);
  });

  it('not a client that opted out of the method, by its exact name', async () => {
    const server = await startRpcServer();
    const [out, almost] = [await RawClient.tcp(server), await RawClient.tcp(server)];
    await out.initialize({ optOutNotificationMethods: [cleared.method] });
    await almost.initialize({ optOutNotificationMethods: [cleared.method.slice(0, -1)] });
    tellAll(server, 't');
    await until(() => told(almost).length === 1);
    await out.request('nobody/knows');
    expect(told(out)).toEqual([]);
  });

  it('of a thread, only clients subscribed to it', async () => {
    const server = await startRpcServer({
      threadUnsubscribe: ({ threadId }, { session }) => {
        session.threads.add(threadId);
        return { status: 'unsubscribed' };
      },
    });
    const [one, two] = [await RawClient.tcp(server), await RawClient.tcp(server)];
    await one.initialize();
    await two.initialize();
    await one.request(requests.threadUnsubscribe.method, { threadId: 'a' });
    server.connections.toThread('a', cleared.method, clearedText('a'));
    server.connections.toThread('b', cleared.method, clearedText('b'));
    tellAll(server, 'all');
    await until(() => told(one).length === 2 && told(two).length === 1);
    expect([told(one), told(two)]).toEqual([['a', 'all'], ['all']]);
  });

  it('closeAll closes every client with the code and waits for it', async () => {
    const server = await startRpcServer();
    const clients = [await RawClient.tcp(server), await RawClient.unix(server)];
    for (const client of clients) await client.initialize();
    await server.connections.closeAll(1001, 'bye');
    expect(server.connections.size).toBe(0);
    for (const client of clients) {
      expect(await client.closed()).toEqual({ code: 1001, reason: 'bye' });
    }
  });
});

describe('a client that does not read', () => {
  it('shows in bufferedBytes, and drained waits until it reads again', async () => {
    const server = await startRpcServer();
    const client = await RawClient.unix(server);
    await client.initialize();
    const [connection] = server.connections;
    client.ws.pause();
    const big = clearedText('x'.repeat(1024 * 1024));
    for (let count = 0; count < 20; count += 1) connection?.notify(big, cleared.method);
    expect(connection?.bufferedBytes).toBeGreaterThan(1024 * 1024);
    let drained = false;
    void connection?.drained().then(() => {
      drained = true;
    });
    await (await RawClient.tcp(server)).initialize();
    expect(drained).toBe(false);
    client.ws.resume();
    await until(() => drained);
    expect(connection?.bufferedBytes).toBeLessThan(64 * 1024);
  });

  it('is cut off when it does not answer the close, and drained resolves', async () => {
    const server = await startRpcServer();
    const client = await RawClient.unix(server);
    await client.initialize();
    const [connection] = server.connections;
    client.ws.pause();
    const big = clearedText('x'.repeat(1024 * 1024));
    for (let count = 0; count < 20; count += 1) connection?.notify(big, cleared.method);
    const drained = connection?.drained();
    connection?.close(4008, 'too slow');
    await drained;
    await connection?.closed;
    expect(server.connections.size).toBe(0);
  });
});
