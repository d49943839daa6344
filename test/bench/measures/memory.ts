import { setTimeout as delay } from 'node:timers/promises';
import { requests } from '@goald/protocol';
import { setPausedGoal, startThread, type Contestant } from '../contestants/contestant.js';
import type { Measure, Round } from '../measure.js';
import { Child } from '../support/child.js';
import { residentBytes } from '../support/memory.js';
import { load } from '../wire/load.js';

/** Time for what a start leaves behind to be done. */
const SETTLE_MS = 700;
const MEGABYTE = 1_000_000;
const BASELINE = 'bare Node';

const WHY_MISSED =
  'about 11 MB are what the program is to V8 (its code, its schemas, the parts of Node it uses), 7 MB the space for new objects that V8 makes while it starts and keeps, 5 MB pages of Node itself and 2 MB SQLite.';

/** Resident memory: at rest, and after requests. */
export const memoryMeasure: Measure = {
  name: 'memory',
  metrics: () => [
    {
      id: 'memory.idle',
      title: 'RSS, idle',
      unit: 'bytes',
      baseline: BASELINE,
      target: { kind: 'above', atMost: 30 * MEGABYTE },
      whyMissed: WHY_MISSED,
    },
    { id: 'memory.loaded', title: 'RSS after 16 gets and sets in flight', unit: 'bytes' },
  ],
  run: async (round) => {
    round.step('memory, bare Node');
    round.record('memory.idle', 'baseline', await bareNode());
    for (const contestant of round.contestants) await measure(round, contestant);
  },
};

async function bareNode(): Promise<number> {
  await using child = new Child(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)'], {});
  await delay(SETTLE_MS);
  return await residentBytes(child.pid);
}

async function measure(round: Round, contestant: Contestant): Promise<void> {
  const { side } = contestant;
  round.step(`memory, ${side}`);
  const folder = await round.fresh();
  await using server = await contestant.start({ folder, transport: 'unix' });
  await delay(SETTLE_MS);
  round.record('memory.idle', side, await residentBytes(server.pid));
  using peer = await server.connect();
  const threadId = await startThread(peer, folder);
  await setPausedGoal(peer, threadId);
  const shared = { inFlight: 16, ms: round.sizes.loadMs };
  await load(peer, { ...shared, message: requests.threadGoalGet, params: () => ({ threadId }) });
  await load(peer, {
    ...shared,
    message: requests.threadGoalSet,
    params: (n) => ({ threadId, tokenBudget: 1_000_000 + n }),
  });
  round.record('memory.loaded', side, await residentBytes(server.pid));
}
