import { env } from 'node:process';
import { parseArgs } from 'node:util';

/** The variable in which the options reach the test that runs them. */
export const OPTIONS_VARIABLE = 'GOALD_SOAK';

export interface SoakOptions {
  readonly seed: number;
  readonly goals: number;
  /** More goals are set until so many minutes are over. */
  readonly minutes: number;
  /** Write docs/measurements/soak.md. */
  readonly write: boolean;
}

const DEFAULTS: SoakOptions = { seed: 2026, goals: 1000, minutes: 5, write: false };

export const HELP = `Runs many goals through one daemon, with a model that fails and clients that come and go.

Usage: npm run test:soak -- [--goals N] [--minutes N] [--seed N] [--write]

  --goals N    goals in all, at least 10 (default ${String(DEFAULTS.goals)})
  --minutes N  more goals until so many minutes are over (default ${String(DEFAULTS.minutes)})
  --seed N     the same seed asks for the same goals and failures (default ${String(DEFAULTS.seed)})
  --write      write docs/measurements/soak.md
`;

/** null when help is asked for. Throws TypeError for flags that make no sense. */
export function readOptions(args: readonly string[]): SoakOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(DEFAULTS.seed) },
      minutes: { type: 'string', default: String(DEFAULTS.minutes) },
      goals: { type: 'string', default: String(DEFAULTS.goals) },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    seed: whole('--seed', values.seed, 0),
    goals: whole('--goals', values.goals, 10),
    minutes: whole('--minutes', values.minutes, 0),
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
