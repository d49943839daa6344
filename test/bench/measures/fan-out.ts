import { setTimeout as delay } from 'node:timers/promises';
import { notifications, requests } from '@goald/protocol';
import {
  setPausedGoal,
  startThread,
  type Contestant,
  type Running,
} from '../contestants/contestant.js';
import type { Measure, Round } from '../measure.js';
import type { Metric } from '../metric.js';
import { median } from '../support/stats.js';
import type { Peer } from '../wire/peer.js';

const AT_ONCE = 25;
/** Longer than a delayed ACK, so that no update waits for the one before it. */
const PAUSE_MS = 60;
const WITHIN_MS = 20_000;

/** Which of the metrics has a target. */
const TARGET_CLIENTS = 50;

const WHY_MISSED =
  'most of it is not sending. It is one write to each client; but an update every 60 ms to a process that is seconds old runs code that V8 still interprets, and half of the time is over before the first client hears of it. With more clients, and after some hundred updates, a client costs less than half as much.';

const metricId = (clients: number): string => `fanOut.${String(clients)}`;

/** A goal changes; how long until the last of many clients has heard of it. Over TCP. */
export const fanOutMeasure: Measure = {
  name: 'fan-out',
  metrics: ({ clients }) =>
    clients.map((count): Metric => {
      const title = `a goal update reaches the last of ${String(count)} clients`;
      const metric: Metric = { id: metricId(count), title, unit: 'ms' };
      if (count !== TARGET_CLIENTS) return metric;
      const target = { kind: 'share', of: 'reference', atMost: 0.3 } as const;
      return { ...metric, target, whyMissed: WHY_MISSED };
    }),
  run: async (round) => {
    for (const contestant of round.contestants) await measure(round, contestant);
  },
};

async function measure(round: Round, contestant: Contestant): Promise<void> {
  const folder = await round.fresh();
  await using server = await contestant.start({ folder, transport: 'tcp' });
  using setter = await server.connect();
  const threadId = await startThread(setter, folder);
  await setPausedGoal(setter, threadId);
  const observers: Peer[] = [];
  try {
    for (const count of round.sizes.clients) {
      round.step(`fan-out to ${String(count)} clients, ${contestant.side}`);
      await growTo(count, observers, server);
      const times: number[] = [];
      for (let n = 0; n < round.sizes.updates; n += 1) {
        await delay(PAUSE_MS);
        times.push(await update(setter, threadId, count * 1_000_000 + n, observers));
      }
      round.record(metricId(count), contestant.side, median(times));
    }
  } finally {
    for (const observer of observers) observer[Symbol.dispose]();
  }
}

async function growTo(count: number, observers: Peer[], server: Running): Promise<void> {
  while (observers.length < count) {
    const more = Math.min(AT_ONCE, count - observers.length);
    observers.push(...(await Promise.all(Array.from({ length: more }, () => server.connect()))));
  }
}

/** Milliseconds from sending the set to the last observer's notification of it. */
async function update(
  setter: Peer,
  threadId: string,
  tokenBudget: number,
  observers: readonly Peer[],
): Promise<number> {
  const mark = `"tokenBudget":${String(tokenBudget)},`;
  const start = performance.now();
  const { promise, resolve, reject } = withResolvers<number>();
  const timer = setTimeout(() => {
    reject(new Error(`The update did not reach all ${String(observers.length)} clients.`));
  }, WITHIN_MS);
  let left = observers.length;
  for (const observer of observers) {
    observer.on(notifications.threadGoalUpdated, (text) => {
      if (!text.includes(mark)) return;
      left -= 1;
      if (left === 0) resolve(performance.now() - start);
    });
  }
  const answered = setter.request(requests.threadGoalSet, { threadId, tokenBudget });
  try {
    const [reached] = await Promise.all([promise, answered]);
    return reached;
  } finally {
    clearTimeout(timer);
  }
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
