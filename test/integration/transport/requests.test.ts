import { ProtocolError, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer } from './support/rpc-server.js';
import { until } from './support/temp-folder.js';

const wait = requests.goalWait.method;
const list = requests.threadLoadedList.method;
const get = requests.threadGoalGet.method;

/** A handler's work that never ends by itself, only when its signal says so. */
function waitForAbort(signal: AbortSignal, onStart?: () => void): Promise<never> {
  onStart?.();
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(new DOMException('stopped', 'AbortError'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}

describe('the conversation is opened once', () => {
  it('before initialize every request answers not_initialized', async () => {
    const client = await RawClient.tcp(await startRpcServer());
    for (const method of [get, 'nobody/knows']) {
      expect((await client.request(method, {})).error).toMatchObject({
        code: -32600,
        message: 'Not initialized',
        data: { code: 'not_initialized' },
      });
    }
  });

  it('a second initialize answers already_initialized', async () => {
    const client = await RawClient.tcp(await startRpcServer());
    await client.initialize();
    expect((await client.initialize()).error).toMatchObject({
      code: -32600,
      message: 'Already initialized',
      data: { code: 'already_initialized' },
    });
  });

  it('a refused initialize leaves the conversation unopened', async () => {
    const client = await RawClient.tcp(await startRpcServer());
    const answer = await client.request(requests.initialize.method, { clientInfo: {} });
    expect(answer.error?.data['code']).toBe('invalid_params');
    expect((await client.request(get, {})).error?.data['code']).toBe('not_initialized');
  });
});

describe('each request gets its own answer', () => {
  it('a result goes back under the id as it was sent, with jsonrpc 2.0, over both transports', async () => {
    const server = await startRpcServer({
      threadLoadedList: () => ({ data: ['a'], nextCursor: null }),
    });
    for (const client of [await RawClient.tcp(server), await RawClient.unix(server)]) {
      await client.initialize();
      for (const id of [0, -1, 1.5, '', 'α', 2 ** 53 - 1]) {
        client.send({ id, method: list });
        expect(await client.next()).toEqual({
          jsonrpc: '2.0',
          id,
          result: { data: ['a'], nextCursor: null },
        });
      }
    }
  });

  it('the ids 1 and "1" in flight together are two requests', async () => {
    const answers = new Map<string, () => void>();
    const server = await startRpcServer({
      threadGoalGet: ({ threadId }) =>
        new Promise((_resolve, reject) => {
          answers.set(threadId, () => {
            reject(new ProtocolError('goal_not_found', threadId));
          });
        }),
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: get, params: { threadId: 'number' } });
    client.send({ id: '1', method: get, params: { threadId: 'string' } });
    await until(() => answers.size === 2);
    for (const answer of answers.values()) answer();
    expect([await client.next(), await client.next()]).toMatchObject([
      { id: 1, error: { message: 'number' } },
      { id: '1', error: { message: 'string' } },
    ]);
  });

  it('an id already in flight is refused and the first request is answered all the same', async () => {
    let answer = (): void => undefined;
    const server = await startRpcServer({
      threadGoalGet: () =>
        new Promise((resolve) => {
          answer = () => {
            resolve({ goal: null });
          };
        }),
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 7, method: get, params: { threadId: 't' } });
    client.send({ id: 7, method: get, params: { threadId: 't' } });
    expect(await client.next()).toMatchObject({ id: 7, error: { code: -32600 } });
    answer();
    expect(await client.next()).toMatchObject({ id: 7, result: { goal: null } });
    client.send({ id: 7, method: 'nobody/knows' });
    expect((await client.next()).error?.code).toBe(-32601);
  });

  it('more than 256 in flight are answered overloaded; after room was made requests go on', async () => {
    const server = await startRpcServer({
      goalWait: (_params, { signal }) => waitForAbort(signal),
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    for (let id = 0; id < 258; id += 1)
      client.send({ id, method: wait, params: { threadId: 't' } });
    const refused = [await client.next(), await client.next()];
    expect(refused).toMatchObject([
      {
        id: 256,
        error: {
          code: -32001,
          message: 'Server overloaded; retry later.',
          data: { code: 'overloaded' },
        },
      },
      { id: 257, error: { code: -32001 } },
    ]);
    client.send({ method: '$/cancelRequest', params: { id: 0 } });
    expect((await client.next()).id).toBe(0);
    expect((await client.request('nobody/knows')).error?.code).toBe(-32601);
  });
});

describe('parameters are checked before the handler sees them', () => {
  it('wrong ones answer all issues and name the first', async () => {
    const client = await RawClient.tcp(await startRpcServer());
    await client.initialize();
    const { error } = await client.request(requests.threadGoalSet.method, {
      threadId: 5,
      verification: [{ name: '', command: 'x' }],
    });
    expect(error).toMatchObject({ code: -32602, data: { code: 'invalid_params' } });
    expect(error?.message).toMatch(/^Invalid params: threadId: .*string/);
    expect(error?.data['issues']).toMatchObject([
      { path: ['threadId'] },
      { path: ['verification', 0, 'name'] },
    ]);
  });

  it.each([
    ['an array', []],
    ['null', null],
    ['a string', 'x'],
    ['a number', 1],
  ])('%s in place of an object is refused', async (_name, params) => {
    const client = await RawClient.tcp(await startRpcServer());
    await client.initialize();
    expect((await client.request(list, params)).error?.data['code']).toBe('invalid_params');
  });

  it('absent ones count as an empty object', async () => {
    let seen: unknown;
    const server = await startRpcServer({
      threadLoadedList: (params) => {
        seen = params;
        return { data: [], nextCursor: null };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    await client.request(list);
    expect(seen).toEqual({});
  });

  it('unknown fields are dropped', async () => {
    let seen: unknown;
    const server = await startRpcServer({
      threadGoalGet: (params) => {
        seen = params;
        return { goal: null };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    await client.request(get, { threadId: 't', later: true });
    expect(seen).toEqual({ threadId: 't' });
  });
});

describe('errors', () => {
  it('an unknown method and one that is known and not served have their own codes', async () => {
    const server = await startRpcServer(
      {},
      { notServed: new Map([['account/logout', 'goald has no accounts']]) },
    );
    const client = await RawClient.tcp(server);
    await client.initialize();
    expect((await client.request('nobody/knows')).error).toMatchObject({
      code: -32601,
      data: { code: 'method_not_found' },
    });
    expect((await client.request('account/logout')).error).toMatchObject({
      code: -32601,
      message: 'goald does not serve account/logout: goald has no accounts.',
      data: { code: 'method_not_supported' },
    });
    expect((await client.request('toString')).error?.data['code']).toBe('method_not_found');
  });

  it("a handler's ProtocolError goes out as it is, its details in data", async () => {
    const server = await startRpcServer({
      threadGoalGet: () => {
        throw new ProtocolError('revision_conflict', 'Somebody was faster.', { revision: 4 });
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    expect((await client.request(get, { threadId: 't' })).error).toEqual({
      code: -32600,
      message: 'Somebody was faster.',
      data: { code: 'revision_conflict', revision: 4 },
    });
  });

  it.each([
    ['thrown', () => Promise.reject(new Error('secret /etc/passwd'))],
    [
      'thrown long after',
      async () => {
        await new Promise((r) => setImmediate(r));
        throw new TypeError('secret');
      },
    ],
    ['a result that cannot be serialised', () => ({ goal: null, secret: 10n })],
  ])('anything else becomes an incident: %s', async (_name, threadGoalGet) => {
    const server = await startRpcServer({ threadGoalGet });
    const client = await RawClient.tcp(server);
    await client.initialize();
    const answer = await client.request(get, { threadId: 't' });
    expect(answer.error).toMatchObject({ code: -32603, data: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toMatch(/secret|BigInt/);
    expect(server.incidents).toMatchObject([{ id: answer.error?.data['incidentId'], method: get }]);
  });
});

describe('a request can be given up', () => {
  it('$/cancelRequest aborts the handler and answers -32800', async () => {
    let started = false;
    const server = await startRpcServer({
      goalWait: (_params, { signal }) => waitForAbort(signal, () => (started = true)),
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 'w', method: wait, params: { threadId: 't' } });
    await until(() => started);
    client.send({ method: '$/cancelRequest', params: { id: 'w' } });
    expect(await client.next()).toMatchObject({
      id: 'w',
      error: { code: -32800, data: { code: 'invalid_request' } },
    });
    expect(server.incidents).toEqual([]);
  });

  it('cancelling "1" leaves 1 alone', async () => {
    const server = await startRpcServer({
      goalWait: (_params, { signal }) => waitForAbort(signal),
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: wait, params: { threadId: 't' } });
    client.send({ method: '$/cancelRequest', params: { id: '1' } });
    await client.request('nobody/knows');
    expect(client.received.filter((message) => message.id === 1)).toEqual([]);
  });

  it('a result that was ready all the same is sent', async () => {
    let started = false;
    const server = await startRpcServer({
      goalWait: async (_params, { signal }) => {
        await waitForAbort(signal, () => (started = true)).catch(() => undefined);
        return { goal: null, timedOut: true };
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: wait, params: { threadId: 't' } });
    await until(() => started);
    client.send({ method: '$/cancelRequest', params: { id: 1 } });
    expect(await client.next()).toMatchObject({ id: 1, result: { timedOut: true } });
  });

  it('a bug that shows after the cancellation is still an incident', async () => {
    let started = false;
    const server = await startRpcServer({
      goalWait: async (_params, { signal }) => {
        await waitForAbort(signal, () => (started = true)).catch(() => undefined);
        throw new TypeError('a bug');
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: wait, params: { threadId: 't' } });
    await until(() => started);
    client.send({ method: '$/cancelRequest', params: { id: 1 } });
    expect((await client.next()).error?.code).toBe(-32603);
    expect(server.incidents).toHaveLength(1);
  });

  it('the close of a connection aborts its handlers, disposes what its session owns and forgets it', async () => {
    const events: string[] = [];
    const server = await startRpcServer({
      goalWait: (_params, { signal, session }) => {
        session.own('s', {
          [Symbol.asyncDispose]: () => {
            events.push('disposed');
            return Promise.resolve();
          },
        });
        events.push('started');
        signal.addEventListener('abort', () => events.push('aborted'));
        return waitForAbort(signal);
      },
    });
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: wait, params: { threadId: 't' } });
    await until(() => events.length === 1);
    client.ws.terminate();
    await until(() => server.connections.size === 0);
    expect(events.toSorted()).toEqual(['aborted', 'disposed', 'started']);
  });
});
