import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ListenError } from '@goald/server/transport/address-listener.js';
import { listen, type ListenOptions, type Listeners } from '@goald/server/transport/listener.js';
import type { ListenAddress } from '@goald/server/transport/listen-address.js';
import { UnixSocketError } from '@goald/server/transport/unix-socket.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer } from './support/rpc-server.js';
import { tempFolder, until } from './support/temp-folder.js';

const options: ListenOptions = {
  token: 'token-token-token-token',
  allowedOrigins: [],
  allowedHosts: [],
  ready: () => true,
  onChannel: (channel) => {
    channel.close(1000, 'not needed');
  },
};

async function open(addresses: readonly ListenAddress[], over = {}): Promise<Listeners> {
  const listeners = await listen(addresses, { ...options, ...over });
  onTestFinished(() => listeners[Symbol.asyncDispose]());
  return listeners;
}
const unix = (path: string): ListenAddress => ({ kind: 'unix', path });
const tcp = (host: string, port = 0): ListenAddress => ({ kind: 'websocket', host, port });
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('endpoints', () => {
  it('are told with the port as it really is, in the order asked for', async () => {
    const path = join(await tempFolder(), 's.sock');
    const { endpoints } = await open([tcp('127.0.0.1'), unix(path), tcp('localhost')]);
    expect(endpoints[0]).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(endpoints[1]).toBe(`unix://${path}`);
    expect(endpoints[2]).toMatch(/^ws:\/\/localhost:[1-9]\d*$/);
  });

  it('none at all is fine', async () => {
    expect((await open([])).endpoints).toEqual([]);
  });
});

describe('TCP', () => {
  it.each(['0.0.0.0', '::', '192.168.1.4', 'example.org'])(
    'without a token %s is refused before anything listens',
    async (host) => {
      const path = join(await tempFolder(), 's.sock');
      await expect(open([unix(path), tcp(host)], { token: null })).rejects.toThrow(/token/);
      expect(await exists(path)).toBe(false);
    },
  );

  it('a port in use is a clear error, and what was opened before is closed', async () => {
    const path = join(await tempFolder(), 's.sock');
    const { endpoints } = await open([tcp('127.0.0.1')]);
    const port = Number(new URL(endpoints[0] ?? '').port);
    const failing = open([unix(path), tcp('127.0.0.1', port)]);
    await expect(failing).rejects.toThrow(ListenError);
    await expect(failing).rejects.toThrow(/EADDRINUSE/);
    expect(await exists(path)).toBe(false);
  });
});

describe('Unix socket', () => {
  it('the socket is 0600 in a folder made 0700; a folder that was there keeps its mode', async () => {
    const folder = await tempFolder();
    await open([unix(join(folder, 'made', 's.sock'))]);
    expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'made', 's.sock'))).mode & 0o777).toBe(0o600);
    await mkdir(join(folder, 'there'));
    await chmod(join(folder, 'there'), 0o755);
    await open([unix(join(folder, 'there', 's.sock'))]);
    expect((await stat(join(folder, 'there'))).mode & 0o777).toBe(0o755);
  });

  it('a socket file that a killed process left is replaced', async () => {
    const path = join(await tempFolder(), 's.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await exists(path)).toBe(true);
    expect((await open([unix(path)])).endpoints).toEqual([`unix://${path}`]);
  });

  it('a socket on which a process answers is left alone', async () => {
    const path = join(await tempFolder(), 's.sock');
    const other = createServer().listen(path);
    onTestFinished(() => {
      other.close();
    });
    await once(other, 'listening');
    await expect(open([unix(path)])).rejects.toThrow(UnixSocketError);
    expect(await exists(path)).toBe(true);
  });

  it('a file that is no socket is left alone', async () => {
    const path = join(await tempFolder(), 's.sock');
    await writeFile(path, 'mine');
    await expect(open([unix(path)])).rejects.toThrow(/not a socket/);
    expect(await exists(path)).toBe(true);
  });

  it('a path of more than 103 bytes is refused, one of 103 works', async () => {
    const folder = await tempFolder();
    const fill = (bytes: number): string => join(folder, 'x'.repeat(bytes - folder.length - 1));
    await expect(open([unix(fill(104))])).rejects.toThrow(/104 bytes; at most 103/);
    await open([unix(fill(103))]);
    const name = 'é'.repeat((104 - folder.length) / 2);
    await expect(open([unix(join(folder, name))])).rejects.toThrow(/at most 103/);
  });
});

describe('disposing', () => {
  it('closes every client with 1001, removes the socket file and may be done twice', async () => {
    const server = await startRpcServer();
    const clients = [await RawClient.tcp(server), await RawClient.unix(server)];
    await server.stop();
    for (const client of clients) expect((await client.closed()).code).toBe(1001);
    expect(await exists(server.socketPath)).toBe(false);
    await server.stop();
  });

  it('does not wait for ever for a client that never answers the close', async () => {
    const server = await startRpcServer();
    const client = await RawClient.unix(server);
    await until(() => server.connections.size === 1);
    client.ws.pause();
    await server.stop();
    expect(await exists(server.socketPath)).toBe(false);
  });
});
