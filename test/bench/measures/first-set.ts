import { setPausedGoal, startThread } from '../contestants/contestant.js';
import type { Measure } from '../measure.js';
import { median } from '../support/stats.js';

/** The first goal of a thread that was just started, over the Unix socket. */
export const firstSetMeasure: Measure = {
  name: 'first-set',
  metrics: () => [{ id: 'firstSet', title: 'first goal/set on a new thread', unit: 'ms' }],
  run: async (round) => {
    for (const contestant of round.contestants) {
      round.step(`first goal/set, ${contestant.side}`);
      const folder = await round.fresh();
      await using server = await contestant.start({ folder, transport: 'unix' });
      using peer = await server.connect();
      const times: number[] = [];
      for (let n = 0; n < round.sizes.newThreads; n += 1) {
        const threadId = await startThread(peer, folder);
        const start = performance.now();
        await setPausedGoal(peer, threadId);
        times.push(performance.now() - start);
      }
      round.record('firstSet', contestant.side, median(times));
    }
  },
};
