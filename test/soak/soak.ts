import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { startDaemon } from '../helpers/daemon/daemon-process.js';
import { makeRepository } from '../helpers/git-repository.js';
import { QUICK } from '../helpers/goal-setup.js';
import { startModelServer, type Bill } from '../helpers/model-server/index.js';
import { tempFolder, type TempFolder } from '../helpers/temp-folder.js';
import { Chance } from '../helpers/wire/chance.js';
import { GoalPool, type EndedGoal } from './goal-pool.js';
import type { HeapSample } from './heap.js';
import { soakScript } from './plan.js';
import { QuietClient } from './quiet-client.js';
import { Visitors } from './visitors.js';

export interface SoakSize {
  readonly seed: number;
  /** Goals of a round; after each, when all are at their end, the heap is looked at. */
  readonly goalsPerRound: number;
  /** At least so many, and as many more as are begun before `leastMs` is over. */
  readonly rounds: number;
  readonly leastMs: number;
  /** Goals that are active at the same time. */
  readonly active: number;
  readonly concurrentTurns: number;
  /** Clients that read everything from their cursor, and clients that look at one goal. */
  readonly followers: number;
  readonly guests: number;
  /** Bound of the whole run. */
  readonly mostMs: number;
}

/** What a run leaves: the daemon has stopped, its database is there until this is disposed. */
export interface Soaked extends AsyncDisposable {
  readonly size: SoakSize;
  readonly database: string;
  readonly ended: readonly EndedGoal[];
  /** Numbers of goals that were still on their way when the time was over. */
  readonly stuck: readonly number[];
  readonly bill: Bill;
  readonly requests: number;
  /** How often the model failed, by kind. */
  readonly failures: ReadonlyMap<string, number>;
  readonly heap: readonly HeapSample[];
  readonly visits: number;
  /** seqs each follower read, over all its connections. */
  readonly followed: readonly (readonly number[])[];
  readonly seconds: number;
}

/** A daemon under load for a bounded time: goals one after the other, clients in and out, a model that fails now and then. */
export async function soak(size: SoakSize): Promise<Soaked> {
  const folder = await tempFolder();
  try {
    return await run(size, folder);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function run(size: SoakSize, folder: TempFolder): Promise<Soaked> {
  const startedMs = performance.now();
  const failures = new Map<string, number>();
  const cwd = await makeRepository(join(folder.path, 'repo'), { 'a.txt': 'one\n' });
  await using model = await startModelServer({
    script: soakScript(size.seed, (kind) => failures.set(kind, (failures.get(kind) ?? 0) + 1)),
    keepsRequests: false,
  });
  await using daemon = await startDaemon({
    home: join(folder.path, 'h'),
    config: { engine: { ...QUICK.engine, maxConcurrentTurns: size.concurrentTurns } },
    env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test' },
    heapOnSignal: true,
  });
  const endpoint = `unix://${daemon.paths.socket}`;
  const pool = new GoalPool({ ...size, endpoint, cwd, untilMs: Date.now() + size.mostMs });
  const visitors = new Visitors({
    ...size,
    endpoint,
    chance: new Chance(size.seed + 1),
    threadId: () => pool.newestThread,
  });
  const heap: HeapSample[] = [];
  const goesOn = (): boolean =>
    heap.length < size.rounds || performance.now() - startedMs < size.leastMs;
  while (goesOn() && pool.stuck.length === 0) {
    const gone = new AbortController();
    const visits = visitors.run(gone.signal);
    try {
      await pool.play(size.goalsPerRound);
    } finally {
      gone.abort();
      await visits;
    }
    heap.push({ goals: pool.ended.length, heapBytes: await daemon.heapBytes() });
  }
  const followed = await visitors.readToEnd(await headSeq(endpoint));
  await daemon.kill('SIGTERM');
  return {
    size,
    database: daemon.paths.database,
    ended: pool.ended,
    stuck: pool.stuck,
    bill: model.bill(),
    requests: model.count,
    failures,
    heap,
    visits: visitors.visits,
    followed,
    seconds: (performance.now() - startedMs) / 1000,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function headSeq(endpoint: string): Promise<number> {
  await using client = await QuietClient.connect(endpoint);
  return (await client.request(requests.goalSubscribe, {})).headSeq;
}
