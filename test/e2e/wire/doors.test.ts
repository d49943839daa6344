import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { startDaemon, type DaemonProcess } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../helpers/temp-folder.js';
import { RawWebSocket } from '../../helpers/wire/raw-web-socket.js';

let folder: TempFolder;
let daemon: DaemonProcess;
let token: string;

beforeAll(async () => {
  folder = await tempFolder();
  daemon = await startDaemon({ home: join(folder.path, 'h') });
  token = await daemon.token();
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The HTTP status an upgrade is answered with: 101 when it is let in. */
async function knock(options: ClientOptions): Promise<number> {
  const ws = new WebSocket(daemon.wsUrl, options);
  ws.on('error', () => undefined);
  const refused = once(ws, 'unexpected-response').then(
    (args) => (args[1] as { statusCode: number }).statusCode,
  );
  const status = await Promise.race([once(ws, 'open').then(() => 101), refused]);
  ws.terminate();
  return status;
}

const bearer = (text: string): Record<string, string> => ({ Authorization: `Bearer ${text}` });

describe('the door on TCP', () => {
  it('lets in who shows the token', async () => {
    expect(await knock({ headers: bearer(token) })).toBe(101);
  });

  it.each([
    ['nothing', () => ({})],
    ['another token', () => bearer('x'.repeat(43))],
    ['a part of the token', () => bearer(token.slice(0, -1))],
    ['the token and more', () => bearer(`${token}x`)],
    ['the token under another scheme', () => ({ Authorization: `Basic ${token}` })],
  ])('refuses who shows %s', async (_name, headers) => {
    expect(await knock({ headers: headers() })).toBe(401);
  });

  it.each(['https://evil.example', 'http://localhost:3000', 'null', 'file://'])(
    'refuses the web origin %s, token or not',
    async (origin) => {
      expect(await knock({ headers: { ...bearer(token), Origin: origin } })).toBe(403);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '10.0.0.1', '127.0.0.1.evil.example:80'])(
    'refuses the Host %s, token or not',
    async (host) => {
      expect(await knock({ headers: { ...bearer(token), Host: host } })).toBe(403);
    },
  );

  it('refuses a web origin on the Unix socket, too', async () => {
    const ws = new WebSocket(`ws+unix:${daemon.paths.socket}:/`, {
      origin: 'https://evil.example',
    });
    ws.on('error', () => undefined);
    const [, response] = (await once(ws, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    ws.terminate();
    expect(response.statusCode).toBe(403);
  });
});

describe('bytes that are no WebSocket', () => {
  it.each([
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['an opcode that does not exist', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0]), 1002],
    ['a ping that is too long', Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]), 1002],
    ['a close frame of one byte', Buffer.from([0x88, 0x81, 0, 0, 0, 0, 0x03]), 1002],
    ['a binary frame', Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0x7b]), 1003],
    ['the head of a frame over 16 MiB', Buffer.from([0x81, 0xff, 0, 0, 0, 0, 1, 0, 0, 1]), 1009],
    ['the head of a frame of 2^60 bytes', Buffer.from([0x81, 0xff, 16, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ])('%s closes that connection and no other', async (_name, bytes, code) => {
    await using other = await RpcClient.connect(daemon.wsUrl, token);
    using raw = await RawWebSocket.open(daemon.wsUrl, token);
    raw.socket.write(bytes);
    await eventually('the close frame', () => raw.received().closeCode);
    expect(raw.received().closeCode).toBe(code);
    await eventually('the end', () => raw.ended);
    await other.request(requests.threadLoadedList, {});
  });

  it('a message in more than 16,384 fragments closes with 1008', async () => {
    using raw = await RawWebSocket.open(daemon.wsUrl, token);
    const fragment = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20]);
    raw.socket.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x20]));
    raw.socket.write(Buffer.concat(Array.from({ length: 17_000 }, () => fragment)));
    await eventually('the close frame', () => raw.received().closeCode);
    expect(raw.received().closeCode).toBe(1008);
  });

  it.each([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 400],
    ['a request without an upgrade', 'GET /rpc HTTP/1.1\r\nHost: localhost\r\n\r\n', 404],
    ['a head that never ends', `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`, 400],
  ])('%s is answered over HTTP', async (_name, text, status) => {
    const socket = connect(Number(new URL(daemon.wsUrl).port), '127.0.0.1');
    let answer = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
    socket.write(text);
    await eventually('a status line', () => answer.includes('\r\n'));
    socket.destroy();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
  });
});
