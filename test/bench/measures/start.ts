import type { Measure } from '../measure.js';
import { median } from '../support/stats.js';

/** From starting the process to the answer to the first initialize, over the Unix socket. */
export const startMeasure: Measure = {
  name: 'start',
  metrics: () => [
    {
      id: 'start.ready',
      title: 'start to ready',
      unit: 'ms',
      target: { kind: 'share', of: 'reference', atMost: 2.2 },
    },
  ],
  run: async (round) => {
    for (const contestant of round.contestants) {
      round.step(`start to ready, ${contestant.side}`);
      const times: number[] = [];
      // The first start makes the home; the others find it, as they do on every day but the first.
      const folder = await round.fresh();
      for (let n = 0; n <= round.sizes.starts; n += 1) {
        await using server = await contestant.start({ folder, transport: 'unix' });
        if (n > 0) times.push(server.readyMs);
      }
      round.record('start.ready', contestant.side, median(times));
    }
  },
};
