import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startDaemon, type DaemonProcess } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { calls, startModelServer, toolCall } from '../../helpers/model-server/index.js';
import { openPlain } from '../../helpers/open-plain.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { Chance } from '../../helpers/wire/chance.js';
import { scaled } from '../../helpers/wire/scale.js';
import { CLAIM } from '../api/support/scripts.js';
import { Racer } from './support/racer.js';

const WANTED = scaled(100, 1000);
const KILLS = scaled(3, 15);
const THREADS = 4;
const CALLS_AT_ONCE = 5;
const TIMEOUT_MS = scaled(120_000, 900_000);

interface Row {
  readonly id: string;
  readonly command: string;
  readonly decision: string | null;
  readonly decided_at_ms: number;
  readonly ran_in_turn_id: string | null;
  readonly settled: number;
}

// What each command leaves: its number, and when it began, in nanoseconds.
const command = (number: number): string => `echo ${String(number)} $(date +%s%N) >> ran.log`;

it(
  `two clients race on ${String(WANTED)} approvals, one of them dying at random, the daemon killed in between: each is decided once, none is lost, none runs before its answer`,
  { timeout: TIMEOUT_MS },
  async () => {
    await using folder = await tempFolder();
    let numbers = 0;
    // How many approvals a client has answered so far.
    let answered = (): number => 0;
    await using model = await startModelServer({
      script: () => {
        if (answered() >= WANTED) return CLAIM;
        return calls(
          ...Array.from({ length: CALLS_AT_ONCE }, () => {
            numbers += 1;
            return toolCall('shell', { command: command(numbers) });
          }),
        );
      },
    });
    const start = (): Promise<DaemonProcess> =>
      startDaemon({
        home: join(folder.path, 'h'),
        listen: ['unix://'],
        config: {
          engine: {
            noProgressDelaysMs: [1],
            noProgressTurns: 1000,
            maxRequestsWithoutProgress: 1000,
            stopGraceMs: 200,
            retryBaseMs: 1,
            retryMaxMs: 20,
          },
          limits: { maxTurns: 100_000, tokenCeiling: 1_000_000_000 },
          model: { contextWindow: 2_000_000 },
          approvals: { graceSeconds: 0.05 },
        },
        env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test' },
      });
    let daemon = await start();
    const { paths } = daemon;
    const endpoint = `unix://${paths.socket}`;
    const places = await Promise.all(
      Array.from({ length: THREADS }, async (_, at) => {
        await using client = await RpcClient.connect(endpoint);
        const cwd = await makeRepository(join(folder.path, `r${String(at)}`), { 'a.txt': 'a\n' });
        const { thread } = await client.request(requests.threadStart, { cwd });
        await client.request(requests.threadGoalSet, {
          threadId: thread.id,
          objective: 'Write numbers.',
          approvalPolicy: 'untrusted',
        });
        return { threadId: thread.id, cwd };
      }),
    );
    const threadIds = places.map(({ threadId }) => threadId);
    const racer = (name: string, seed: number, diesEvery: number | null): Racer =>
      new Racer({ name, endpoint, threadIds, chance: new Chance(seed), diesEvery });
    await using steady = racer('steady', 1, null);
    await using dying = racer('dying', 2, 12);
    answered = () => steady.said.size;
    const chance = new Chance(3);

    for (let kill = 0; kill < KILLS; kill += 1) {
      const after = (WANTED / (KILLS + 1)) * (kill + chance.next());
      await eventually('more is answered', () => answered() >= after, TIMEOUT_MS);
      await delay(chance.between(0, 30));
      await daemon.kill('SIGKILL');
      daemon = await start();
    }
    await using last = daemon;
    await using watcher = await RpcClient.connect(endpoint);
    for (const threadId of threadIds) {
      await eventually(
        'the goal is complete',
        async () => {
          const { goal } = await watcher.request(requests.threadGoalGet, { threadId });
          return goal?.status === 'complete' || null;
        },
        TIMEOUT_MS,
      );
    }
    await last.kill('SIGTERM');

    const db = openPlain(paths.database);
    const rows = db.prepare('SELECT * FROM approval').all() as Row[];
    const told = db
      .prepare("SELECT type, data_json FROM goal_event WHERE type LIKE 'approval.%'")
      .all() as { type: string; data_json: string }[];
    db.close();
    const idsOf = (type: string): string[] =>
      told
        .filter((event) => event.type === type)
        .map((event) => (JSON.parse(event.data_json) as { approvalId: string }).approvalId)
        .toSorted();
    const ids = rows.map(({ id }) => id).toSorted();
    expect(rows.length).toBeGreaterThanOrEqual(WANTED);
    expect(idsOf('approval.requested')).toEqual(ids);
    expect(idsOf('approval.decided')).toEqual(ids);

    const ran = new Map<string, number[]>();
    for (const { cwd } of places) {
      const lines = (await readFile(join(cwd, 'ran.log'), 'utf8')).trim().split('\n');
      for (const line of lines) {
        const [number = '', atNs = ''] = line.split(' ');
        ran.set(number, [...(ran.get(number) ?? []), Number(BigInt(atNs) / 1_000_000n)]);
      }
    }
    let begunInVain = 0;
    for (const row of rows) {
      const times = ran.get(/^echo (\d+) /u.exec(row.command)?.[1] ?? '') ?? [];
      const saidSo = [steady, dying].some(({ said }) => said.get(row.id)?.has(row.decision ?? ''));
      expect([row.id, saidSo]).toEqual([row.id, true]);
      expect(row.settled).toBe(1);
      if (row.decision === 'decline') {
        expect(times).toEqual([]);
        continue;
      }
      expect(row.ran_in_turn_id).not.toBeNull();
      expect(times.length).toBeLessThanOrEqual(1);
      if (times.length === 0) begunInVain += 1;
      for (const time of times) expect(time).toBeGreaterThanOrEqual(row.decided_at_ms);
    }
    // Nothing ran that nobody asked for.
    expect(ran.size).toBe(
      rows.filter(({ ran_in_turn_id: turn }) => turn !== null).length - begunInVain,
    );
    // A kill between the beginning of a command and the command itself: each thread has one at a time.
    expect(begunInVain).toBeLessThanOrEqual(KILLS * THREADS);
    expect(dying.deaths).toBeGreaterThan(0);
  },
);
