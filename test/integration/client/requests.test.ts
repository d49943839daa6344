import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect, GoaldError } from '@goald/client';
import { notifications, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { clientOf, temporaryHome, tinyDaemon } from './setup.js';
import { type Incoming, type Peer, TinyDaemon } from './tiny-daemon.js';

it('introduces itself once and shows what the daemon said', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  expect(client.server.serverInfo.name).toBe('tiny');
  expect(client.state).toEqual({ status: 'connected' });
  await eventually('initialized', () => daemon.received.length === 2);
  expect(daemon.received.map((message) => message.method)).toEqual([
    requests.initialize.method,
    notifications.initialized.method,
  ]);
});

it('gives each of many concurrent requests its own answer, in whatever order they come', async () => {
  const { home, daemon } = await tinyDaemon();
  const waiting: { message: Incoming; peer: Peer }[] = [];
  daemon.handlers.set(requests.threadLoadedList.method, (message, peer) => {
    waiting.push({ message, peer });
    if (waiting.length === 200) {
      for (const { message: asked, peer: to } of waiting.reverse()) {
        daemon.send(to, {
          id: asked.id,
          result: { data: [asked.params?.['cursor']], nextCursor: null },
        });
      }
    }
    return 'silence';
  });
  const client = await clientOf(home);
  const names = Array.from({ length: 200 }, (_, index) => `page-${String(index)}`);
  const answers = await Promise.all(
    names.map((cursor) => client.request(requests.threadLoadedList, { cursor })),
  );
  expect(answers.map((answer) => answer.data)).toEqual(names.map((name) => [name]));
});

it('turns an answered error into a GoaldError with code, number and data', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.handlers.set(requests.threadGoalResume.method, () => ({
    error: { code: 'budget_exhausted', message: 'Raise it.', data: { tokensUsed: 5000 } },
  }));
  const client = await clientOf(home);
  const failure: unknown = await client
    .request(requests.threadGoalResume, { threadId: 't' })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(GoaldError);
  expect(failure).toMatchObject({
    code: 'budget_exhausted',
    rpcCode: -32600,
    message: 'Raise it.',
    data: { tokensUsed: 5000 },
  });
});

it('refuses an answer that is not what the protocol says', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.handlers.set(requests.threadLoadedList.method, () => ({ result: { data: 'no list' } }));
  const client = await clientOf(home);
  await expect(client.request(requests.threadLoadedList, {})).rejects.toMatchObject({
    code: 'invalid_answer',
  });
});

it('an aborted request rejects with the reason and is cancelled at the daemon', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.handlers.set(requests.goalWait.method, () => 'silence');
  const client = await clientOf(home);
  const abort = new AbortController();
  const pending = client.request(requests.goalWait, { threadId: 't' }, { signal: abort.signal });
  const find = (method: string): Incoming | undefined =>
    daemon.received.find((message) => message.method === method);
  await eventually('the request arrived', () => find(requests.goalWait.method) !== undefined);
  abort.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  await eventually('the cancel arrived', () => find('$/cancelRequest') !== undefined);
  expect(find('$/cancelRequest')?.params?.['id']).toBe(find(requests.goalWait.method)?.id);
});

it('a mutation whose answer was lost is sent again with the same key and takes effect once', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  let drops = 2;
  daemon.dropInstead = (text) => text.includes('"result":{}') && drops-- > 0;
  await client.request(requests.threadNameSet, { threadId: 't', name: 'once' });
  const sent = daemon.received.filter(({ method }) => method === requests.threadNameSet.method);
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map(({ params }) => params?.['idempotencyKey'])).size).toBe(1);
  expect([...daemon.effects.values()]).toEqual(['once']);
});

it('two mutations have two keys, and a key of the caller is kept', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  await client.request(requests.threadNameSet, { threadId: 't', name: 'a' });
  await client.request(requests.threadNameSet, { threadId: 't', name: 'b' });
  await client.request(requests.threadNameSet, {
    threadId: 't',
    name: 'c',
    idempotencyKey: 'mine',
  });
  expect(daemon.effects.size).toBe(3);
  expect(daemon.effects.get('mine')).toBe('c');
});

it('a request that takes the connection down every time fails in the end', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.handlers.set(requests.threadLoadedList.method, (_message, peer) => {
    peer.socket.terminate();
    return 'silence';
  });
  const client = await clientOf(home);
  await expect(client.request(requests.threadLoadedList, {})).rejects.toMatchObject({
    code: 'connection_lost',
  });
});

it('a request made while the connection is lost waits for the next one', async () => {
  const { home, socket, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const states: string[] = [];
  client.onState((state) => states.push(state.status));
  await daemon.close();
  await eventually('the loss was noticed', () => client.state.status === 'reconnecting');
  const pending = client.request(requests.threadNameSet, { threadId: 't', name: 'later' });
  await daemon.listen({ path: socket });
  await expect(pending).resolves.toEqual({});
  expect(states[0]).toBe('reconnecting');
  expect(states.at(-1)).toBe('connected');
});

it('gives up after the time it was given and says why', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home, { reconnect: { giveUpAfterMs: 60, baseMs: 1, maxMs: 10 } });
  await daemon.close();
  await eventually('closed', () => client.state.status === 'closed');
  await expect(client.request(requests.threadLoadedList, {})).rejects.toMatchObject({
    code: 'unreachable',
  });
});

it('listeners hear typed notifications, also after a lost connection; disposed ones do not', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const heard: string[] = [];
  const listener = client.on(notifications.threadGoalCleared, ({ threadId }) =>
    heard.push(threadId),
  );
  const { method } = notifications.threadGoalCleared;
  daemon.notifyAll(method, { threadId: 'a', emittedAtMs: 1 });
  daemon.notifyAll(method, { threadId: 7, emittedAtMs: 1 });
  await eventually('the first', () => heard.length === 1);
  const states: string[] = [];
  client.onState(({ status }) => states.push(status));
  daemon.dropAll();
  await eventually('back', () => states.at(-1) === 'connected');
  daemon.notifyAll(method, { threadId: 'b', emittedAtMs: 2 });
  await eventually('the second', () => heard.length === 2);
  listener[Symbol.dispose]();
  daemon.notifyAll(method, { threadId: 'c', emittedAtMs: 3 });
  await client.request(requests.threadNameSet, { threadId: 't', name: 'after' });
  expect(heard).toEqual(['a', 'b']);
});

it('closing rejects what waits and leaves no connection', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.handlers.set(requests.goalWait.method, () => 'silence');
  const client = await clientOf(home);
  const pending = client.request(requests.goalWait, { threadId: 't' });
  const refused = expect(pending).rejects.toMatchObject({ code: 'client_closed' });
  await client.close();
  await refused;
  await eventually('no connection', () => daemon.connections === 0);
});

it('over ws:// on loopback it shows the token of the home; without one the error says what to do', async () => {
  const home = await temporaryHome();
  const daemon = new TinyDaemon();
  daemon.token = 'secret';
  const endpoint = `ws://127.0.0.1:${String(await daemon.listen({ port: 0 }))}`;
  try {
    await expect(clientOf(home, { endpoint })).rejects.toMatchObject({ code: 'unauthorized' });
    await writeFile(path.join(home, 'token'), 'secret\n');
    const client = await clientOf(home, { endpoint });
    expect(client.server.serverInfo.name).toBe('tiny');
    await client.close();
  } finally {
    await daemon.close();
  }
});

it('without a daemon connecting fails at once and names the way to start one', async () => {
  const home = await temporaryHome();
  const options = { home, env: {}, clientInfo: { name: 'test', version: '0' } };
  await expect(connect(options)).rejects.toMatchObject({ code: 'unreachable' });
  await expect(connect(options)).rejects.toThrow('goal daemon start');
});
