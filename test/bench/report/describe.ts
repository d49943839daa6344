import type { Results } from '../results.js';
import { humanValue } from './units.js';

/** What the figures hold for, in sentences. */
export function describeRun({ machine, sizes, reference, date, seconds }: Results): string {
  const commit = `${machine.commit}${machine.changed ? ' with changes' : ''}`;
  const memory = humanValue(machine.memoryBytes, 'bytes');
  const rounds = sizes.rounds === 1 ? 'one round' : `medians of ${String(sizes.rounds)} rounds`;
  const other = reference === null ? 'The reference was left out.' : `Reference: ${reference}.`;
  return (
    `goald ${commit}, ${date.slice(0, 10)}. Node ${machine.node}, ${machine.platform}, ` +
    `${String(machine.cores)} cores (${machine.processor}), ${memory}. ` +
    `${rounds[0]?.toUpperCase() ?? ''}${rounds.slice(1)}, ${String(Math.round(seconds))} s. ${other}`
  );
}
