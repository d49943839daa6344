import { notifications, requests } from '@goald/protocol';
import { eventually } from '../../helpers/eventually.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { startModelServer } from '../../helpers/model-server/index.js';
import { startThread, type Contestant } from '../contestants/contestant.js';
import type { Measure, Round } from '../measure.js';
import type { Metric } from '../metric.js';
import { residentBytes } from '../support/memory.js';
import { RequestClock } from '../support/request-clock.js';
import { median } from '../support/stats.js';
import { workingModel } from '../support/working-model.js';

const EDGE = 10;
const BYTES_OVER = 50;
const REQUESTS_A_TURN = 2;
const FILES = 20;
const WITHIN_MS = 120_000;
const FLOOR_MS = 1;

/** A goal whose model works but never ends, over the Unix socket: what lies between its turns, and what is sent. */
export const continuationMeasure: Measure = {
  name: 'continuation',
  metrics: ({ continuations }) => {
    const of = `of ${String(continuations)} continuations`;
    const fifth = { kind: 'share', of: 'reference', atMost: 0.2 } as const;
    const metric = (id: string, title: string, more: Partial<Metric> = {}): Metric => ({
      id: `continuation.${id}`,
      title,
      unit: 'ms',
      ...more,
    });
    return [
      metric('first', `turn end to next request, first 10 ${of}`, { target: fifth }),
      metric('last', `turn end to next request, last 10 ${of}`, { target: fifth }),
      metric('growth', 'the same, last 10 / first 10 (floor 1 ms)', {
        unit: 'times',
        target: { kind: 'atMost', value: 1.5 },
      }),
      metric('wholeFirst', `last answer to next request, first 10 ${of}`),
      metric('wholeLast', `last answer to next request, last 10 ${of}`),
      metric('bytes', `bytes sent to the model over ${String(BYTES_OVER)} continuations`, {
        unit: 'bytes',
        target: { kind: 'share', of: 'reference', atMost: 0.15 },
      }),
      metric('memory', `RSS after ${String(continuations)} continuations`, { unit: 'bytes' }),
    ];
  },
  run: async (round) => {
    for (const contestant of round.contestants) await measure(round, contestant);
  },
};

async function measure(round: Round, contestant: Contestant): Promise<void> {
  const { side } = contestant;
  const { continuations } = round.sizes;
  round.step(`${String(continuations)} continuations, ${side}`);
  const folder = await round.fresh();
  const repository = await makeRepository(`${folder}/repository`, sampleFiles());
  await using model = await startModelServer({ script: workingModel() });
  using clock = new RequestClock(model.url);
  await using server = await contestant.start({ folder, transport: 'unix', modelUrl: model.url });
  using peer = await server.connect();
  const completedAt: number[] = [];
  peer.on(notifications.turnCompleted, () => completedAt.push(performance.now()));
  const threadId = await startThread(peer, repository);
  await peer.request(requests.threadGoalSet, {
    threadId,
    objective: 'Work through every step of the plan in this repository.',
    status: 'active',
  });
  await eventually(
    `${String(continuations)} continuations`,
    () => clock.arrivedAt.length > continuations * REQUESTS_A_TURN,
    WITHIN_MS,
  );
  round.record('continuation.memory', side, await residentBytes(server.pid));
  const turns = Array.from({ length: continuations }, (_, n) => n);
  const next = (turn: number): number => clock.arrivedAt[(turn + 1) * REQUESTS_A_TURN] ?? NaN;
  const afterTurn = turns.map((turn) => next(turn) - (completedAt[turn] ?? NaN));
  const afterAnswer = turns.map(
    (turn) => next(turn) - (clock.answeredAt[turn * REQUESTS_A_TURN + 1] ?? NaN),
  );
  const [first, last] = edges(afterTurn);
  const [wholeFirst, wholeLast] = edges(afterAnswer);
  round.record('continuation.first', side, first);
  round.record('continuation.last', side, last);
  round.record('continuation.growth', side, Math.max(last, FLOOR_MS) / Math.max(first, FLOOR_MS));
  round.record('continuation.wholeFirst', side, wholeFirst);
  round.record('continuation.wholeLast', side, wholeLast);
  const counted = model.requests.slice(0, (BYTES_OVER + 1) * REQUESTS_A_TURN);
  const bytes = counted.reduce((sum, { rawBody }) => sum + Buffer.byteLength(rawBody), 0);
  round.record('continuation.bytes', side, bytes);
}

function edges(times: readonly number[]): [first: number, last: number] {
  return [median(times.slice(0, EDGE)), median(times.slice(-EDGE))];
}

function sampleFiles(): Record<string, string> {
  const files = Array.from({ length: FILES }, (_, n): [string, string] => [
    `src/part-${String(n)}.js`,
    `export const part = ${String(n)};\n`.repeat(40),
  ]);
  return Object.fromEntries(files);
}
