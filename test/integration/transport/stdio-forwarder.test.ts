import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { notifications, requests } from '@goald/protocol';
import { notificationText } from '@goald/server/events/broadcaster.js';
import { StreamDecoder } from '@goald/server/transport/framing.js';
import { forwardStdio, type ForwardEnd } from '@goald/server/transport/stdio-forwarder.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WireMessage } from './support/raw-client.js';
import { startRpcServer, type RpcServer } from './support/rpc-server.js';
import { until } from './support/temp-folder.js';

const MIB = 1024 * 1024;
const initialize = JSON.stringify({
  id: 0,
  method: requests.initialize.method,
  params: { clientInfo: { name: 'ide', version: '1' } },
});
const unknown = (id: unknown): string => JSON.stringify({ id, method: 'nobody/knows' });
const framed = (text: string): string =>
  `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

interface Pipe {
  readonly input: PassThrough;
  readonly output: PassThrough;
  /** All that was written, as it stands. */
  readonly text: () => string;
  readonly messages: () => WireMessage[];
  readonly ended: Promise<ForwardEnd>;
}

function forward(server: RpcServer, options: { signal?: AbortSignal } = {}): Pipe {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const chunks: Buffer[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = forwardStdio({
    socketPath: server.socketPath,
    ensureDaemon: () => Promise.resolve(),
    input,
    output,
    ...options,
  });
  onTestFinished(() => {
    input.end();
  });
  const text = (): string => Buffer.concat(chunks).toString('utf8');
  const messages = (): WireMessage[] =>
    new StreamDecoder(100 * MIB)
      .push(Buffer.from(text()))
      .flatMap((frame) =>
        frame.kind === 'message' ? [JSON.parse(frame.bytes.toString()) as WireMessage] : [],
      );
  return { input, output, text, messages, ended };
}

describe('framing', () => {
  it('JSON lines in, JSON lines out', async () => {
    const pipe = forward(await startRpcServer());
    pipe.input.write(`${initialize}\n${unknown('a')}\n`);
    await until(() => pipe.messages().length === 2);
    expect(pipe.text().trim().split('\n')).toHaveLength(2);
    expect(pipe.messages().map((message) => message.id)).toEqual([0, 'a']);
  });

  it('Content-Length in, Content-Length out, cut anywhere', async () => {
    const pipe = forward(await startRpcServer());
    for (const byte of Buffer.from(framed(initialize) + framed(unknown('é')))) {
      pipe.input.write(Buffer.of(byte));
    }
    await until(() => pipe.messages().length === 2);
    expect(pipe.text()).toMatch(/^Content-Length: \d+\r\n\r\n\{/);
    expect(pipe.messages().map((message) => message.id)).toEqual([0, 'é']);
  });

  it('notifications of the daemon come through', async () => {
    const server = await startRpcServer();
    const pipe = forward(server);
    pipe.input.write(`${initialize}\n`);
    await until(() => pipe.messages().length === 1);
    const { method } = notifications.threadGoalCleared;
    server.connections.broadcast(
      method,
      notificationText(notifications.threadGoalCleared.method, { threadId: 't' }, 1),
    );
    await until(() => pipe.messages().length === 2);
    expect(pipe.messages()[1]).toMatchObject({ method, params: { threadId: 't' } });
  });
});

describe('what cannot be read is answered and the stream goes on', () => {
  it.each([
    ['a line that is not JSON', 'hello\n', -32700],
    ['a line that is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), -32700],
    ['a batch', '[]\n', -32600],
    ['a line over 16 MiB', `{"id":1,"x":"${'x'.repeat(16 * MIB)}"}\n`, -32600],
  ])('%s', async (_name, bytes, code) => {
    const pipe = forward(await startRpcServer());
    pipe.input.write(bytes);
    pipe.input.write(`${initialize}\n`);
    await until(() => pipe.messages().length === 2);
    const byId = new Map(pipe.messages().map((message) => [message.id, message]));
    expect(byId.get(null)).toMatchObject({ error: { code } });
    expect(byId.get(null)?.error?.data['code']).toBeTypeOf('string');
    expect(byId.get(0)?.result).toBeDefined();
  });

  it('headers without a length answer -32700, a body over 16 MiB -32600', async () => {
    const pipe = forward(await startRpcServer());
    pipe.input.write(
      `X-Nothing: 1\r\n\r\n${framed(' '.repeat(16 * MIB + 1))}${framed(initialize)}`,
    );
    await until(() => pipe.messages().length === 3);
    expect(pipe.messages().map((message) => message.error?.code)).toEqual([
      -32700,
      -32600,
      undefined,
    ]);
  });
});

describe('the end', () => {
  it('of the input: what was asked is answered first', async () => {
    const server = await startRpcServer({
      threadLoadedList: async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { data: ['late'], nextCursor: null };
      },
    });
    const pipe = forward(server);
    const list = JSON.stringify({ id: 'l', method: requests.threadLoadedList.method });
    pipe.input.end(`${initialize}\nnot json\n{"method":"initialized"}\n${list}`);
    expect(await pipe.ended).toBe('input-ended');
    expect(
      pipe
        .messages()
        .map((message) => message.id)
        .toSorted(),
    ).toEqual([0, 'l', null]);
    await until(() => server.connections.size === 0);
  });

  it('of the input: what never gets an answer is not waited for long', async () => {
    const server = await startRpcServer({ goalWait: () => new Promise(() => undefined) });
    const pipe = forward(server);
    const wait = { id: 'w', method: requests.goalWait.method, params: { threadId: 't' } };
    pipe.input.end(`${initialize}\n${JSON.stringify(wait)}\n`);
    expect(await pipe.ended).toBe('input-ended');
    expect(pipe.messages().map((message) => message.id)).toEqual([0]);
  });

  it('of an input that never said anything', async () => {
    const pipe = forward(await startRpcServer());
    pipe.input.end();
    expect(await pipe.ended).toBe('input-ended');
    expect(pipe.text()).toBe('');
  });

  it('of the daemon', async () => {
    const server = await startRpcServer();
    const pipe = forward(server);
    pipe.input.write(`${initialize}\n`);
    await until(() => pipe.messages().length === 1);
    await server.stop();
    expect(await pipe.ended).toBe('daemon-gone');
  });

  it('of the output', async () => {
    const pipe = forward(await startRpcServer());
    pipe.input.write(`${initialize}\n`);
    await until(() => pipe.messages().length === 1);
    pipe.output.destroy(new Error('EPIPE'));
    expect(await pipe.ended).toBe('output-gone');
  });

  it('by the signal, also while the output is stuck', async () => {
    const server = await startRpcServer();
    const controller = new AbortController();
    const pipe = forward(server, { signal: controller.signal });
    pipe.input.write(`${initialize}\n`);
    await until(() => pipe.messages().length === 1);
    pipe.output.pause();
    controller.abort();
    expect(await pipe.ended).toBe('aborted');
    await until(() => server.connections.size === 0);
  });
});

describe('the start', () => {
  it('makes sure of the daemon before it connects', async () => {
    const server = await startRpcServer();
    const order: string[] = [];
    const [input, output] = [new PassThrough(), new PassThrough()];
    const ended = forwardStdio({
      socketPath: server.socketPath,
      ensureDaemon: () => {
        order.push(`connections: ${server.connections.size}`);
        return Promise.resolve();
      },
      input,
      output,
    });
    input.end(`${initialize}\n`);
    await ended;
    expect(order).toEqual(['connections: 0']);
  });

  it('rejects when nobody listens', async () => {
    const server = await startRpcServer();
    await server.stop();
    await expect(forward(server).ended).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });
});

it('a large answer goes out whole through an output that takes little at a time', async () => {
  const server = await startRpcServer({
    threadLoadedList: () => ({ data: ['x'.repeat(20 * MIB)], nextCursor: null }),
  });
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark: 1024 });
  const ended = forwardStdio({
    socketPath: server.socketPath,
    ensureDaemon: () => Promise.resolve(),
    input,
    output,
  });
  const list = JSON.stringify({ id: 1, method: requests.threadLoadedList.method });
  input.write(`${initialize}\n${list}\n`);
  let bytes = 0;
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    // The answer is on its way: from here on the forwarder waits for it two seconds, and no longer for the server to make it.
    if (bytes > MIB) input.end();
  });
  expect(await ended).toBe('input-ended');
  output.end();
  await once(output, 'end');
  expect(bytes).toBeGreaterThan(20 * MIB);
});
