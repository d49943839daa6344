import type { Side } from './servers.js';

/** What differs on purpose, or because the two servers are two programs. */
interface KnownDifference {
  /** Of lines that only this side shows. */
  readonly side: Side;
  readonly steps: readonly string[];
  /** A whole line, as it is compared. */
  readonly lines: RegExp;
  readonly reason: string;
}

const KNOWN: readonly KnownDifference[] = [];

/** Why a side shows a line that the other does not; null: nobody knows. */
export function reasonFor(side: Side, step: string, line: string): string | null {
  const known = KNOWN.find(
    (one) => one.side === side && one.steps.includes(step) && one.lines.test(line),
  );
  return known?.reason ?? null;
}
