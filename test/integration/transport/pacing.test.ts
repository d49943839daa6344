import { notifications, requests } from '@goald/protocol';
import { notificationText } from '@goald/server/events/broadcaster.js';
import { TextFrames } from '@goald/server/transport/text-frame.js';
import { describe, expect, it } from 'vitest';
import { RawClient } from './support/raw-client.js';
import { startRpcServer } from './support/rpc-server.js';
import { until } from './support/temp-folder.js';

const MIB = 1024 * 1024;
const cleared = notifications.threadGoalCleared;

describe('a client that does not take its answers', () => {
  it('is not read from until it does; then every request is answered', async () => {
    let asked = 0;
    const server = await startRpcServer({
      threadLoadedList: () => {
        asked += 1;
        return { data: ['x'.repeat(MIB)], nextCursor: null };
      },
    });
    const [client, other] = [await RawClient.unix(server), await RawClient.tcp(server)];
    await client.initialize();
    await other.initialize();
    const [connection] = server.connections;
    client.ws.pause();
    for (let id = 0; id < 200; id += 1) {
      client.send({
        id,
        method: requests.threadLoadedList.method,
        params: { cursor: 'c'.repeat(500) },
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let count = 0; count < 50; count += 1) await other.request('nobody/knows');
    // A chunk read before the pause may hold a hundred of them.
    expect(asked).toBeLessThan(150);
    expect(connection?.bufferedBytes).toBeLessThan(150 * MIB);
    client.ws.resume();
    await until(() => client.received.length === 201, 20_000);
    expect(asked).toBe(200);
  });
});

describe('a client with far too many notifications waiting', () => {
  it('is told 4008 behind what it was sent, and given nothing more', async () => {
    const server = await startRpcServer();
    const client = await RawClient.unix(server);
    await client.initialize();
    const [connection] = server.connections;
    client.ws.pause();
    const big = Buffer.from(notificationText(cleared.method, { threadId: 'x'.repeat(MIB) }, 1));
    for (let count = 0; count < 100; count += 1) connection?.notify(big, cleared.method);
    expect(connection?.bufferedBytes).toBeLessThan(34 * MIB);
    client.ws.resume();
    expect((await client.closed()).code).toBe(4008);
    expect(client.received.length).toBeGreaterThan(30);
    expect(client.received.length).toBeLessThan(40);
  });
});

describe('what is told to many', () => {
  it('is framed once, and the very same bytes are written to all', () => {
    const frames = new TextFrames();
    const data = Buffer.from('{"a":1}');
    expect(frames.frameOf(data)).toBe(frames.frameOf(data));
    expect(frames.frameOf(data)).not.toBe(frames.frameOf(Buffer.from('{"a":1}')));
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    'arrives whole with %i characters more',
    async (length) => {
      const server = await startRpcServer();
      const client = await RawClient.tcp(server);
      await client.initialize();
      const [connection] = server.connections;
      const text = notificationText(cleared.method, { threadId: 'é'.repeat(length) }, 1);
      connection?.notify(text, cleared.method);
      connection?.notify(Buffer.from(text), cleared.method);
      expect(await client.next()).toEqual(JSON.parse(text));
      expect(await client.next()).toEqual(JSON.parse(text));
    },
  );
});
