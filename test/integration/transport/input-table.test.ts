import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer } from './support/rpc-server.js';
import { until } from './support/temp-folder.js';

const MIB = 1024 * 1024;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** What is sent, and the id, number and data.code of the answer. The last column is how the message begins. */
const ANSWERED: readonly (readonly [
  name: string,
  text: string | Buffer,
  id: string | number | null,
  code: number,
  dataCode: string,
])[] = [
  ['what is not JSON', 'hello', null, -32700, 'parse_error'],
  ['an empty frame', '', null, -32700, 'parse_error'],
  ['a JSON text cut short', '{"id":1,"method":"x"', null, -32700, 'parse_error'],
  [
    'invalid UTF-8 inside a string',
    Buffer.concat([Buffer.from('{"id":1,"method":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    null,
    -32700,
    'parse_error',
  ],
  ['a batch', '[{"id":1,"method":"x"}]', null, -32600, 'invalid_request'],
  ['an empty batch', '[]', null, -32600, 'invalid_request'],
  ['a bare value', '7', null, -32600, 'invalid_request'],
  ['null', 'null', null, -32600, 'invalid_request'],
  ['an empty object', '{}', null, -32600, 'invalid_request'],
  ['a method that is a number', '{"id":3,"method":4}', 3, -32600, 'invalid_request'],
  ['a method that is null', '{"id":"a","method":null}', 'a', -32600, 'invalid_request'],
  ['no method', '{"id":5,"params":{}}', 5, -32600, 'invalid_request'],
  ['id null', '{"id":null,"method":"x"}', null, -32600, 'invalid_request'],
  ['id true', '{"id":true,"method":"x"}', null, -32600, 'invalid_request'],
  ['id an object', '{"id":{},"method":"x"}', null, -32600, 'invalid_request'],
  ['an id that overflows', '{"id":1e999,"method":"x"}', null, -32600, 'invalid_request'],
  [
    'an id that would be rounded',
    '{"id":9007199254740993,"method":"x"}',
    null,
    -32600,
    'invalid_request',
  ],
  [
    'nesting over 128, the id before it',
    `{"id":9,"method":"x","params":${nested(128)}}`,
    9,
    -32600,
    'invalid_request',
  ],
  [
    'nesting over 128, the id behind it',
    `{"params":${nested(128)},"method":"x","id":"z"}`,
    'z',
    -32600,
    'invalid_request',
  ],
  ['deep nesting that never closes', '['.repeat(100_000), null, -32700, 'parse_error'],
];

describe('what cannot be read is answered and the connection stays', () => {
  it.each(ANSWERED)('%s', async (_name, text, id, code, dataCode) => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    client.sendText(text);
    const answer = await client.next();
    expect(answer).toMatchObject({ jsonrpc: '2.0', id, error: { code, data: { code: dataCode } } });
    expect(answer.error?.message).not.toBe('');
    expect((await client.initialize()).result).toBeDefined();
  });

  it('nesting of exactly 128 is read', async () => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.sendText(`{"id":1,"method":"nobody/knows","params":${nested(127)}}`);
    expect((await client.next()).error?.code).toBe(-32601);
  });

  it('brackets inside of strings are no nesting', async () => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    await client.initialize();
    client.send({ id: 1, method: 'nobody/knows', params: { text: `\\"${nested(500)}\\` } });
    expect((await client.next()).error?.code).toBe(-32601);
  });
});

describe('what asks for no answer is ignored and counted', () => {
  it.each([
    ['a response to an id we never sent', { id: 1, result: {} }, 'responses'],
    ['an error response', { id: 'x', error: { code: 1, message: 'm' } }, 'responses'],
    ['a response without an id', { id: null, error: { code: 1, message: 'm' } }, 'responses'],
    ['an unknown notification', { method: 'nobody/knows' }, 'notifications'],
    ['a notification only we send', { method: notifications.goalEvent.method }, 'notifications'],
    ['a request sent without an id', { method: requests.goalList.method }, 'notifications'],
    ['$/cancelRequest without params', { method: '$/cancelRequest' }, 'notifications'],
    [
      '$/cancelRequest with params null',
      { method: '$/cancelRequest', params: null },
      'notifications',
    ],
    [
      '$/cancelRequest with an id null',
      { method: '$/cancelRequest', params: { id: null } },
      'notifications',
    ],
    ['$/progress without params', { method: '$/progress' }, 'notifications'],
    ['$/setTrace', { method: '$/setTrace', params: [] }, 'notifications'],
  ] as const)('%s', async (_name, message, counter) => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    client.send(message);
    await client.initialize();
    expect(client.received).toHaveLength(1);
    const [connection] = server.connections;
    expect(connection?.ignored[counter]).toBe(1);
  });
});

describe('what breaks the framing closes the connection, and that one alone', () => {
  it('a message over 16 MiB closes with 1009', async () => {
    const server = await startRpcServer();
    const [client, other] = [await RawClient.tcp(server), await RawClient.unix(server)];
    client.sendText(Buffer.alloc(16 * MIB + 1, ' '));
    expect((await client.closed()).code).toBe(1009);
    expect((await other.initialize()).result).toBeDefined();
    await until(() => server.connections.size === 1);
  });

  it('a message of exactly 16 MiB is read', async () => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    const text = Buffer.alloc(16 * MIB, ' ');
    text.write('{"id":1,"method":"nobody/knows"}');
    client.sendText(text);
    expect((await client.next()).error?.data['code']).toBe('not_initialized');
  });

  it('a binary frame closes with 1003', async () => {
    const server = await startRpcServer();
    const client = await RawClient.tcp(server);
    client.ws.send(Buffer.from('{"id":1,"method":"x"}'), { binary: true });
    expect((await client.closed()).code).toBe(1003);
    expect(client.received).toEqual([]);
  });
});
