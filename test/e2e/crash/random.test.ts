import { describe, expect, it } from 'vitest';
import { Chance } from '../../helpers/wire/chance.js';
import { scaled } from '../../helpers/wire/scale.js';
import { CrashWorld, type Kill } from './support/crash-world.js';
import { SCENARIOS } from './support/reached-in.js';

const RUNS = scaled(4, 300);
const MOST_PASSES = 60;
const MOST_MS = 1200;

/** One run: a scenario, and one to three kills in a row. The same for the same number. */
function planOf(run: number): { scenario: (typeof SCENARIOS)[number]; kills: Kill[] } {
  const chance = new Chance(run * 7919 + 17);
  const kills = Array.from({ length: chance.between(1, 3) }, (): Kill =>
    chance.next() < 0.5
      ? { at: `*:${String(chance.between(1, MOST_PASSES))}` }
      : { afterMs: chance.between(0, MOST_MS) },
  );
  return { scenario: chance.pick(SCENARIOS), kills };
}

const told = (kills: readonly Kill[]): string =>
  kills.map((kill) => ('at' in kill ? kill.at : `${String(kill.afterMs)} ms`)).join(', ');

describe('kill -9 at random instants', () => {
  it.each(
    Array.from({ length: RUNS }, (_, run) => {
      const { scenario, kills } = planOf(run);
      return [run, scenario.name, told(kills)] as const;
    }),
  )(
    'run %i (%s, killed at %s): the goal comes to its end and everything adds up',
    async (run) => {
      const { scenario, kills } = planOf(run);
      await using world = await CrashWorld.open(scenario);
      for (const kill of kills) if (!(await world.live(kill))) break;
      expect(await world.live(null)).toBe(false);
      world.check();
    },
    90_000,
  );
});
