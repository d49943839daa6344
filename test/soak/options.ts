import { env } from 'node:process';
import { parseArgs } from 'node:util';

/** The variable in which the options reach the test that runs them. */
export const OPTIONS_VARIABLE = 'GOALD_SOAK';

export interface SoakOptions {
  readonly seed: number;
  readonly goals: number;
  /** Write docs/measurements/soak.md. */
  readonly write: boolean;
}

const DEFAULTS: SoakOptions = { seed: 2026, goals: 1000, write: false };

export const HELP = `Runs many goals through one daemon, with a model that fails and clients that come and go.

Usage: npm run test:soak -- [--goals N] [--seed N] [--write]

  --goals N   goals in all, at least 10 (default ${String(DEFAULTS.goals)})
  --seed N    the same seed asks for the same goals and failures (default ${String(DEFAULTS.seed)})
  --write     write docs/measurements/soak.md
`;

/** null when help is asked for. Throws TypeError for flags that make no sense. */
export function readOptions(args: readonly string[]): SoakOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(DEFAULTS.seed) },
      goals: { type: 'string', default: String(DEFAULTS.goals) },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    seed: whole('--seed', values.seed, 0),
    goals: whole('--goals', values.goals, 10),
    write: values.write,
  };
}

/** The options main handed on. */
export function handedOn(): SoakOptions {
  const text = env[OPTIONS_VARIABLE];
  return text === undefined ? DEFAULTS : (JSON.parse(text) as SoakOptions);
}

function whole(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${flag} takes a whole number from ${String(least)} on, not "${text}".`);
}
