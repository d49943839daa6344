import { reasonFor } from './differences.js';
import { normalised } from './normalise.js';
import type { Side } from './servers.js';
import type { Shot } from './stage.js';

/** A line that one side shows at a step and the other does not. */
export interface Difference {
  readonly side: Side;
  readonly line: string;
  /** null: nobody knows of it. */
  readonly reason: string | null;
}

export interface Compared {
  readonly step: string;
  /** Shown by one side alone. */
  readonly only: Side | null;
  readonly differences: readonly Difference[];
}

/** What is new on the screens, step by step, held against each other. What scrolls away is no difference. */
export function compare(shots: Readonly<Record<Side, readonly Shot[]>>): Compared[] {
  const reference = newLines(shots.reference);
  const goald = newLines(shots.goald);
  const steps = [...new Set([...goald.keys(), ...reference.keys()])];
  return steps.map((step) => {
    const theirs = reference.get(step);
    const ours = goald.get(step);
    if (theirs === undefined || ours === undefined) {
      return { step, only: theirs === undefined ? 'goald' : 'reference', differences: [] };
    }
    return {
      step,
      only: null,
      differences: [
        ...differing('reference', step, theirs, ours),
        ...differing('goald', step, ours, theirs),
      ],
    };
  });
}

function differing(
  side: Side,
  step: string,
  lines: ReadonlySet<string>,
  others: ReadonlySet<string>,
): Difference[] {
  return [...lines]
    .filter((line) => !others.has(line))
    .map((line) => ({ side, line, reason: reasonFor(side, step, line) }));
}

/** The lines of each step that its terminal did not show at the step before. */
function newLines(shots: readonly Shot[]): Map<string, ReadonlySet<string>> {
  const before = new Map<number, ReadonlySet<string>>();
  const steps = new Map<string, ReadonlySet<string>>();
  for (const { step, screen, terminal } of shots) {
    const lines = new Set(normalised(screen));
    const old = before.get(terminal) ?? new Set<string>();
    if (step !== null) steps.set(step, new Set([...lines].filter((line) => !old.has(line))));
    before.set(terminal, lines);
  }
  return steps;
}
