import { requests } from '@goald/protocol';
import {
  setPausedGoal,
  startThread,
  TRANSPORTS,
  type Contestant,
  type Transport,
} from '../contestants/contestant.js';
import type { Measure, Round } from '../measure.js';
import type { Metric, Target } from '../metric.js';
import { load, type LoadResult } from '../wire/load.js';

const NAMES = { tcp: 'TCP', unix: 'Unix socket' } as const satisfies Record<Transport, string>;

const TARGETS: Readonly<Record<string, Target>> = {
  'set.x1.p50.tcp': { kind: 'timesBetter', atLeast: 100 },
  'set.x1.p50.unix': { kind: 'timesBetter', atLeast: 5 },
  'get.x64.rate.tcp': { kind: 'timesBetter', atLeast: 3 },
  'set.x16.rate.tcp': { kind: 'timesBetter', atLeast: 20 },
};

/** thread/goal/get and thread/goal/set on one connection, one after another and with many in flight. */
export const loadMeasure: Measure = {
  name: 'load',
  metrics: ({ inFlight }) =>
    TRANSPORTS.flatMap((transport) =>
      ['get', 'set'].flatMap((operation) =>
        inFlight.flatMap((count) => metricsOf(operation, count, transport)),
      ),
    ),
  run: async (round) => {
    for (const transport of TRANSPORTS) {
      for (const contestant of round.contestants) await measure(round, contestant, transport);
    }
  },
};

function metricsOf(operation: string, count: number, transport: Transport): Metric[] {
  const id = `${operation}.x${String(count)}`;
  const what = `goal/${operation}, ${String(count)} in flight, ${NAMES[transport]}`;
  const metric = (part: string, title: string, unit: Metric['unit']): Metric => {
    const target = TARGETS[`${id}.${part}.${transport}`];
    const described = { id: `${id}.${part}.${transport}`, title, unit };
    return target === undefined ? described : { ...described, target };
  };
  return [
    metric('p50', `${what}: p50`, 'ms'),
    ...(count === 1 ? [metric('p90', `${what}: p90`, 'ms')] : []),
    metric('rate', `${what}: rate`, 'perSecond'),
  ];
}

async function measure(round: Round, contestant: Contestant, transport: Transport): Promise<void> {
  const { side } = contestant;
  round.step(`goal/get and goal/set over ${NAMES[transport]}, ${side}`);
  const folder = await round.fresh();
  await using server = await contestant.start({ folder, transport });
  using peer = await server.connect();
  const threadId = await startThread(peer, folder);
  await setPausedGoal(peer, threadId);
  const record = (operation: string, inFlight: number, result: LoadResult): void => {
    const id = (part: string): string => `${operation}.x${String(inFlight)}.${part}.${transport}`;
    round.record(id('p50'), side, result.p50);
    round.record(id('p90'), side, result.p90);
    round.record(id('rate'), side, result.perSecond);
  };
  let budget = 1_000_000;
  for (const inFlight of round.sizes.inFlight) {
    const shared = { inFlight, ms: round.sizes.loadMs };
    const got = await load(peer, {
      ...shared,
      message: requests.threadGoalGet,
      params: () => ({ threadId }),
    });
    record('get', inFlight, got);
    const set = await load(peer, {
      ...shared,
      message: requests.threadGoalSet,
      // Another budget each time: a set that changes nothing would be cheaper.
      params: () => ({ threadId, tokenBudget: (budget += 1) }),
    });
    record('set', inFlight, set);
  }
}
