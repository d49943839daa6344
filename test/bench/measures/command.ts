import { Goald, goaldHome } from '../contestants/goald.js';
import { setPausedGoal, startThread } from '../contestants/contestant.js';
import type { Measure } from '../measure.js';
import { goalProgram } from '../support/programs.js';
import { median } from '../support/stats.js';
import { wallTime } from '../support/child.js';

const GOALS = 5;

/** `goal status` against a running daemon, from start to end, beside Node that does nothing. */
export const commandMeasure: Measure = {
  name: 'command',
  metrics: () => [
    {
      id: 'command.status',
      title: '`goal status`, wall time',
      unit: 'ms',
      baseline: '`node -e 0`',
      target: { kind: 'share', of: 'baseline', atMost: 1.4 },
    },
  ],
  run: async (round) => {
    round.step('goal status');
    const folder = await round.fresh();
    await using server = await new Goald().start({ folder, transport: 'unix' });
    using peer = await server.connect();
    for (let n = 0; n < GOALS; n += 1) await setPausedGoal(peer, await startThread(peer, folder));
    const env = { GOALD_HOME: goaldHome(folder).state, HOME: folder };
    const [bare, status]: [number[], number[]] = [[], []];
    for (let n = 0; n < round.sizes.commands; n += 1) {
      bare.push(await wallTime(['-e', '0'], { env, cwd: folder }));
      status.push(await wallTime([goalProgram(), 'status'], { env, cwd: folder }));
    }
    round.record('command.status', 'baseline', median(bare));
    round.record('command.status', 'goald', median(status));
  },
};
