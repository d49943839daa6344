import type { BigIntStats } from 'node:fs';

/** What a stat tells of a file: while it stays, and is not racy, the content stayed. */
export interface FileStamp {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly mode: bigint;
}

const SECOND_NS = 1_000_000_000n;
/** File systems with fine time stamps still take the time from a clock that ticks every few milliseconds. */
const FINE_WINDOW_MS = 50;
const COARSE_WINDOW_MS = 2100;

export function stampOf(stats: BigIntStats): FileStamp {
  const { size, mtimeNs, ctimeNs, ino, mode } = stats;
  return { size, mtimeNs, ctimeNs, ino, mode };
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.ino === b.ino &&
    a.mode === b.mode
  );
}

/**
 * Whether a file changed so shortly before it was read that a later change could leave the same stamp.
 * `readAtMs` is the Unix time just before the read, by this machine's clock.
 */
export function isRacy(stamp: FileStamp, readAtMs: number): boolean {
  const window = stamp.ctimeNs % SECOND_NS === 0n ? COARSE_WINDOW_MS : FINE_WINDOW_MS;
  return readAtMs - Number(stamp.ctimeNs / 1_000_000n) <= window;
}
