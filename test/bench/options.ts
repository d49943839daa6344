import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ROOT } from './support/programs.js';

export interface Options {
  readonly quick: boolean;
  readonly reference: boolean;
  /** Names of measures; empty: all. */
  readonly only: readonly string[];
  /** Where to write the results; null: nowhere. */
  readonly out: string | null;
  readonly help: boolean;
}

const DEFAULT_OUT = join(ROOT, 'docs/measurements');

export function helpText(names: readonly string[]): string {
  return `Measures goald on this machine, beside the reference server.

Usage: npm run bench -- [--quick] [--only NAME]... [--no-reference] [--out DIR]

  --quick         one short round; the figures are rough
  --only NAME     repeatable: ${names.join(', ')}
  --no-reference  goald alone; nothing is fetched
  --out DIR       write results.json, results.md and chart.svg there
                  (a whole run writes to docs/measurements by itself)
`;
}

/** Throws TypeError for flags that make no sense. */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      'no-reference': { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`There is no measure "${unknown}". There are: ${names.join(', ')}.`);
  }
  const whole = !values.quick && values.only.length === 0 && !values['no-reference'];
  return {
    quick: values.quick,
    reference: !values['no-reference'],
    only: values.only,
    out: values.out ?? (whole ? DEFAULT_OUT : null),
    help: values.help,
  };
}
