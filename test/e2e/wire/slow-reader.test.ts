import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { EventClient } from '../../helpers/wire/event-client.js';
import { RawWebSocket } from '../../helpers/wire/raw-web-socket.js';
import { scaled } from '../../helpers/wire/scale.js';

const HEALTHY = 20;
const MIB = 1024 * 1024;
/** More than a stalled reader may have waiting, and more than the system takes off the daemon's hands. */
const EDITS = scaled(90, 2000);
const REQUIREMENTS = Array.from(
  { length: 100 },
  (_, index) => `${String(index)} ${'x'.repeat(1900)}`,
);
const clientInfo = { name: 'stalled', version: '1' };

async function residentBytes(pid: number): Promise<number> {
  const kib = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

it(
  'a client that never reads is cut off; nobody else misses anything, and it catches up by its cursor',
  { timeout: scaled(120_000, 900_000) },
  async () => {
    await using folder = await tempFolder();
    await using daemon = await startDaemon({ home: join(folder.path, 'h') });
    const endpoint = `unix://${daemon.paths.socket}`;
    await using author = await RpcClient.connect(endpoint, undefined, 'author');
    const healthy: EventClient[] = [];
    for (let count = 0; count < HEALTHY; count += 1) {
      const client = new EventClient(endpoint);
      await client.attach();
      healthy.push(client);
    }
    using stalled = await RawWebSocket.open(endpoint);
    stalled.send({ id: 1, method: requests.initialize.method, params: { clientInfo } });
    stalled.send({ id: 2, method: requests.goalSubscribe.method, params: { sinceSeq: 0 } });
    await eventually('two answers', () => stalled.received().texts.length >= 2);
    stalled.socket.pause();

    const { thread } = await author.request(requests.threadStart, { cwd: folder.path });
    const set = { threadId: thread.id, requirements: REQUIREMENTS };
    await author.request(requests.threadGoalSet, { ...set, objective: 'begin', status: 'paused' });
    const before = await residentBytes(daemon.pid);
    let most = 0;
    for (let edit = 0; edit < EDITS; edit += 1) {
      await author.request(requests.threadGoalSet, { ...set, objective: `edit ${String(edit)}` });
      most = Math.max(most, await residentBytes(daemon.pid));
    }
    const { headSeq } = await author.request(requests.goalSubscribe, {});

    const log = Array.from({ length: headSeq }, (_, index) => index + 1);
    for (const client of healthy) {
      await eventually('all events', () => client.lastSeq >= headSeq);
      expect(client.seqs).toEqual(log.slice(log.length - client.seqs.length));
      expect(client.seqs.length).toBeGreaterThanOrEqual(EDITS);
    }
    // At full scale 400 MB are told: were they kept for the one that does not read, they would show.
    expect(most - before).toBeLessThan(200 * MIB);

    // What it says reaches the daemon until that has hung up.
    await eventually('the stalled client is cut off', () => {
      stalled.send({ method: notifications.initialized.method });
      return stalled.socket.errored !== null || stalled.ended;
    });
    stalled.socket.resume();
    const seen = seqsOf(stalled.received().texts);
    expect(seen).toEqual(log.slice(0, seen.length));
    expect(seen.length).toBeLessThan(log.length);

    await using back = new EventClient(endpoint);
    back.seqs.push(...seen);
    await back.attach();
    await eventually('what it had missed', () => back.lastSeq >= headSeq);
    expect(back.seqs).toEqual(log);
    for (const client of healthy) await client[Symbol.asyncDispose]();
  },
);

function seqsOf(texts: readonly string[]): number[] {
  return texts
    .map((text) => JSON.parse(text) as { method?: string; params: { seq: number } })
    .filter(({ method }) => method === notifications.goalEvent.method)
    .map(({ params }) => params.seq);
}
