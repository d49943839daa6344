import { requests } from '@goald/protocol';
import { Goald } from '../contestants/goald.js';
import type { Measure, Round } from '../measure.js';
import type { Metric, Side } from '../metric.js';
import { storeGoals } from '../support/stored-goals.js';
import { load } from '../wire/load.js';

interface Home {
  readonly folder: string;
  readonly threadIds: readonly string[];
}

const STEP = 7919;

const WHY_GET_MISSED =
  'no goal is asked for twice, so each is found in two B-trees, read from a page that mostly has to come from the file, and made into an object and text; of 100 goals every answer is in memory. A larger cache would not help whoever asks for each goal once, and mapping the file into memory would end the daemon where a disk fails.';
const WHY_SET_MISSED =
  'each change is to another row: of the goal, of the index by time and of the log by thread a page of its own is read, written to the log and folded into the file, where 100 goals share a few pages.';

const number = (count: number): string => count.toLocaleString('en-US');

/** What many stored goals cost, beside few: starting, listing, and reading and changing any of them. */
export function createStoredMeasure(): Measure {
  const homes = new Map<Side, Home>();
  return {
    name: 'stored',
    metrics: ({ fewGoals, manyGoals }) => {
      const metric = (id: string, what: string): Metric => ({
        id: `stored.${id}`,
        title: `${number(manyGoals)} stored goals: ${what}`,
        unit: 'ms',
        baseline: `${number(fewGoals)} goals`,
      });
      const target = { kind: 'share', of: 'baseline', atMost: 1.5 } as const;
      return [
        {
          ...metric('get.x16.rate', 'goal/get, 16 in flight'),
          unit: 'perSecond',
          target,
          whyMissed: WHY_GET_MISSED,
        },
        {
          ...metric('set.x16.rate', 'goal/set, 16 in flight'),
          unit: 'perSecond',
          target,
          whyMissed: WHY_SET_MISSED,
        },
        metric('get.x1.p50', 'goal/get, 1 in flight'),
        metric('set.x1.p50', 'goal/set, 1 in flight'),
        metric('list', 'goal/list, first 50'),
        metric('ready', 'start to ready'),
      ];
    },
    prepare: async ({ sizes, fresh }) => {
      for (const [side, count] of [
        ['baseline', sizes.fewGoals],
        ['goald', sizes.manyGoals],
      ] as const) {
        const folder = await fresh();
        homes.set(side, { folder, threadIds: storeGoals(folder, count) });
      }
    },
    run: async (round) => {
      for (const [side, home] of homes) await measure(round, side, home);
    },
  };
}

async function measure(round: Round, side: Side, { folder, threadIds }: Home): Promise<void> {
  round.step(`${number(threadIds.length)} stored goals`);
  await using server = await new Goald().start({ folder, transport: 'unix' });
  round.record('stored.ready', side, server.readyMs);
  using peer = await server.connect();
  const { loadMs: ms } = round.sizes;
  const count = threadIds.length;
  const budget = Date.now() % 1_000_000_000;
  let last = budget % count;
  // All over the store: a step that has no divisor in common with the count reaches every goal.
  const threadId = (): string => threadIds[(last = (last + STEP) % count)] ?? '';
  for (const inFlight of [1, 16]) {
    const got = await load(peer, {
      message: requests.threadGoalGet,
      params: () => ({ threadId: threadId() }),
      inFlight,
      ms,
    });
    const set = await load(peer, {
      message: requests.threadGoalSet,
      params: (n) => ({ threadId: threadId(), tokenBudget: budget + n }),
      inFlight,
      ms,
    });
    round.record(`stored.get.x${String(inFlight)}.p50`, side, got.p50);
    round.record(`stored.get.x${String(inFlight)}.rate`, side, got.perSecond);
    round.record(`stored.set.x${String(inFlight)}.p50`, side, set.p50);
    round.record(`stored.set.x${String(inFlight)}.rate`, side, set.perSecond);
  }
  const list = { message: requests.goalList, params: () => ({}), inFlight: 1, ms };
  round.record('stored.list', side, (await load(peer, list)).p50);
}
