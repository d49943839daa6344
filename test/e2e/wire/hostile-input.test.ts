import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type DaemonProcess } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../helpers/temp-folder.js';
import { Chance } from '../../helpers/wire/chance.js';
import { SocketWire, StdioWire, type Heard, type Wire } from '../../helpers/wire/connections.js';
import { answerText, hostileMessage } from '../../helpers/wire/hostile-message.js';

const MESSAGES = 10_000;
/** Sent in one go; fewer than a connection may have in flight. */
const VOLLEY = 200;
const OVERSIZED = ' '.repeat(16 * 1024 * 1024 + 1);

let folder: TempFolder;
let daemon: DaemonProcess;
let bystander: RpcClient;

beforeAll(async () => {
  folder = await tempFolder();
  daemon = await startDaemon({ home: join(folder.path, 'h') });
  bystander = await RpcClient.connect(`unix://${daemon.paths.socket}`, undefined, 'bystander');
});

afterAll(async () => {
  await bystander[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function answers(heard: readonly Heard[]): string[] {
  return heard.map((message) => {
    const error = message['error'] as { code: number; data: { code: unknown } } | undefined;
    return error === undefined
      ? `${JSON.stringify(message['id'])} result`
      : answerText(message['id'], error.code, error.data.code);
  });
}

/** Sends one volley and a question behind it, and compares what came with what the table says. */
async function volley(wire: Wire, chance: Chance, from: number, open: boolean): Promise<void> {
  const before = wire.heard.length;
  const expected: string[] = [];
  for (let serial = from; serial < from + VOLLEY; serial += 1) {
    const hostile = hostileMessage(chance, serial, open);
    wire.send(hostile.bytes);
    if (hostile.answer !== null) expected.push(hostile.answer);
  }
  const last = `last-${String(from)}`;
  wire.send(JSON.stringify({ id: last, method: 'nobody/knows' }));
  expected.push(
    answerText(last, open ? -32601 : -32600, open ? 'method_not_found' : 'not_initialized'),
  );
  await eventually(`${String(expected.length)} answers`, () =>
    wire.heard.length - before >= expected.length ? true : null,
  );
  expect(answers(wire.heard.slice(before)).sort()).toEqual(expected.sort());
}

async function initialize(wire: Wire): Promise<void> {
  const before = wire.heard.length;
  const params = {
    clientInfo: { name: 'hostile', version: '1' },
    // What other clients do is not what this one is asked about.
    capabilities: { optOutNotificationMethods: allNotifications },
  };
  wire.send(JSON.stringify({ id: 'open', method: requests.initialize.method, params }));
  await eventually('initialized', () => wire.heard.length > before);
  expect(wire.heard[before]).toMatchObject({ id: 'open', result: {} });
}

const allNotifications = Object.values(notifications).map(({ method }): string => method);

/** 10,000 messages, the first volleys before initialize, while another client goes about its work. */
async function bombard(wire: Wire, seed: number): Promise<void> {
  const chance = new Chance(seed);
  const { thread } = await bystander.request(requests.threadStart, { cwd: folder.path });
  for (let from = 0; from < MESSAGES; from += VOLLEY) {
    if (from === 5 * VOLLEY) await initialize(wire);
    const name = `seed ${String(seed)} from ${String(from)}`;
    const work = bystander.request(requests.threadNameSet, { threadId: thread.id, name });
    await volley(wire, chance, from, from >= 5 * VOLLEY);
    await work;
    await bystander.until(
      notifications.threadNameUpdated,
      ({ threadName }) => threadName === name,
      5000,
    );
  }
  expect(daemon.exited).toBe(false);
}

describe('10,000 hostile messages are each answered as the table says, and harm nobody', () => {
  it('over TCP', async () => {
    await using wire = await SocketWire.open(daemon.wsUrl, await daemon.token());
    await bombard(wire, 1);
  });

  it('over the Unix socket', async () => {
    await using wire = await SocketWire.open(`unix://${daemon.paths.socket}`);
    await bombard(wire, 2);
  });

  it('through the stdio forwarder, a line each', async () => {
    await using wire = new StdioWire(join(folder.path, 'h'), 'lines');
    await bombard(wire, 3);
  });

  it('through the stdio forwarder, behind Content-Length', async () => {
    await using wire = new StdioWire(join(folder.path, 'h'), 'headers');
    await bombard(wire, 4);
  });
});

describe('what is over 16 MiB', () => {
  it.each(['tcp', 'unix'])('closes a WebSocket with 1009 (%s)', async (transport) => {
    const tcp = transport === 'tcp';
    await using wire = tcp
      ? await SocketWire.open(daemon.wsUrl, await daemon.token())
      : await SocketWire.open(`unix://${daemon.paths.socket}`);
    wire.send(OVERSIZED);
    await eventually('the close', () => wire.closeCode);
    expect(wire.closeCode).toBe(1009);
    await bystander.request(requests.threadLoadedList, {});
  });

  it.each(['lines', 'headers'] as const)(
    'is refused and skipped on stdio (%s)',
    async (framing) => {
      await using wire = new StdioWire(join(folder.path, 'h'), framing);
      wire.send('?');
      wire.send(`{"x":"${OVERSIZED}"}`);
      wire.send('?');
      await eventually('three answers', () => wire.heard.length === 3);
      expect(answers(wire.heard).sort()).toEqual(
        [
          answerText(null, -32600, 'invalid_request'),
          answerText(null, -32700, 'parse_error'),
          answerText(null, -32700, 'parse_error'),
        ].sort(),
      );
    },
  );

  it('headers that name no length are refused and skipped', async () => {
    await using wire = new StdioWire(join(folder.path, 'h'), 'headers');
    wire.send('?');
    for (const broken of ['X: 1', 'Content-Length: -5', 'Content-Length: many', 'no colon']) {
      wire.write(`${broken}\r\n\r\n`);
    }
    wire.send('{}');
    await eventually('six answers', () => wire.heard.length === 6);
    const parseErrors = answers(wire.heard).filter((text) => text.includes('parse_error'));
    expect(parseErrors).toHaveLength(5);
  });
});

describe('one message cannot keep the daemon busy', () => {
  it.each([
    [
      'values that are all wrong',
      `{"capabilities":{"optOutNotificationMethods":[${'1,'.repeat(5e6)}1]}}`,
    ],
    ['empty containers', `[${'[],'.repeat(4e6)}[]]`],
  ])('with millions of %s', async (_name, params) => {
    await using wire = await SocketWire.open(`unix://${daemon.paths.socket}`);
    const startedMs = performance.now();
    wire.send(`{"id":1,"method":"${requests.initialize.method}","params":${params}}`);
    await eventually('an answer', () => wire.heard[0]);
    expect(answers(wire.heard)).toEqual([answerText(1, -32600, 'invalid_request')]);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});
