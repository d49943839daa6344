import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer, TOKEN, type RpcServer } from './support/rpc-server.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One HTTP request over TCP with just these headers beside what HTTP asks for. */
function http(
  server: RpcServer,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, body: '' });
    });
    request.on('error', reject);
    request.end();
  });
}

const upgrade = (headers: Record<string, string> = {}): Record<string, string> => ({
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.from('0123456789abcdef').toString('base64'),
  ...headers,
});
const authorized = (headers: Record<string, string> = {}): Record<string, string> =>
  upgrade({ Authorization: `Bearer ${TOKEN}`, ...headers });

/** Sends bytes and answers all that comes until the socket is closed. */
function raw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}

describe('health', () => {
  it('/healthz and /readyz answer without a token; readiness is what the daemon says', async () => {
    let ready = false;
    const server = await startRpcServer({}, { ready: () => ready });
    const health = await http(server, '/healthz');
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body)).toEqual({ status: 'ok', pid: process.pid });
    expect((await http(server, '/readyz')).status).toBe(503);
    ready = true;
    expect((await http(server, '/readyz?x=1')).status).toBe(200);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/metrics/x'],
    ['GET', '/healthz/x'],
    ['POST', '/healthz'],
  ])('%s %s is 404', async (method, path) => {
    expect((await http(await startRpcServer(), path, {}, method)).status).toBe(404);
  });
});

describe('bytes that are not ours', () => {
  it.each([
    ['junk', 'hello\r\n\r\n'],
    ['binary junk', Buffer.from([0, 1, 2, 0xff, 0xfe, 13, 10])],
    ['JSON without HTTP', '{"id":1,"method":"initialize"}\n'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    [
      'an upgrade to something else',
      'GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ' +
        TOKEN +
        '\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
  ])('%s: 400 and the socket is closed', async (_name, bytes) => {
    const server = await startRpcServer();
    expect(await raw(server.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await http(server, '/healthz')).status).toBe(200);
  });
});

describe('the token', () => {
  it.each([
    ['none', {}, 401],
    ['a wrong one', { Authorization: 'Bearer wrong' }, 401],
    ['a part of it', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }, 401],
    ['the right one', { Authorization: `Bearer ${TOKEN}` }, 101],
    ['the right one, scheme in small letters', { Authorization: `bearer ${TOKEN}` }, 101],
  ])('%s', async (_name, headers: Record<string, string>, status) => {
    const server = await startRpcServer();
    expect((await http(server, '/', upgrade(headers))).status).toBe(status);
  });

  it('is not asked for when there is none', async () => {
    const server = await startRpcServer({}, { token: null });
    expect((await http(server, '/', upgrade())).status).toBe(101);
  });

  it('is not asked for on the Unix socket', async () => {
    const client = await RawClient.unix(await startRpcServer());
    expect((await client.initialize()).result).toBeDefined();
  });
});

describe('web pages are kept out', () => {
  it.each([
    ['no Origin', {}, 101],
    ['a foreign Origin', { Origin: 'https://evil.example' }, 403],
    ['a local Origin that is not listed', { Origin: 'http://localhost:3000' }, 403],
    ['Origin null', { Origin: 'null' }, 403],
    ['a listed Origin', { Origin: 'https://app.example' }, 101],
    ['a listed Origin on another port', { Origin: 'https://app.example:444' }, 403],
  ])('%s', async (_name, headers: Record<string, string>, status) => {
    const server = await startRpcServer({}, { allowedOrigins: ['https://App.example/'] });
    expect((await http(server, '/', authorized(headers))).status).toBe(status);
    expect((await http(server, '/healthz', headers)).status).toBe(status === 101 ? 200 : status);
  });

  it.each([
    ['localhost', 101],
    ['LOCALHOST:1', 101],
    ['127.0.0.1:4321', 101],
    ['[::1]:4321', 101],
    ['goald.internal:80', 101],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
    ['user@localhost', 403],
    ['192.168.7.7', 403],
  ])('Host %s: %i', async (host, status) => {
    const server = await startRpcServer({}, { allowedHosts: ['goald.internal'] });
    expect((await http(server, '/', authorized({ Host: host }))).status).toBe(status);
    expect((await http(server, '/healthz', { Host: host })).status).toBe(
      status === 101 ? 200 : 403,
    );
  });

  it('a foreign Origin is refused before the token is looked at, and on the Unix socket too', async () => {
    const server = await startRpcServer();
    const foreign = { Origin: 'https://evil.example' };
    expect((await http(server, '/', upgrade(foreign))).status).toBe(403);
    const status = await new Promise((resolve) => {
      const request = httpRequest({
        socketPath: server.socketPath,
        path: '/',
        headers: upgrade(foreign),
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.end();
    });
    expect(status).toBe(403);
  });
});
