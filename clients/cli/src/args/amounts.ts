import { UsageError } from '../failures.js';

const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** A number of tokens: `50000`, `50k`, `1.5M`, `2_000`. Whole and above zero. Throws UsageError. */
export function parseAmount(text: string): number {
  const match = /^(\d[\d_]*(?:\.\d+)?)\s*([kmg]?)$/iu.exec(text.trim());
  const scale = SCALES[match?.[2]?.toLowerCase() ?? ''] ?? 1;
  const value = Math.round(Number(match?.[1]?.replaceAll('_', '')) * scale);
  if (match === null || !Number.isSafeInteger(value) || value <= 0) {
    throw new UsageError(`"${text}" is no amount: write 50000, 50k or 1.5M.`);
  }
  return value;
}

/** An amount of US dollars: `2`, `2.50`, `$0.75`. Above zero. Throws UsageError. */
export function parseUsd(text: string): number {
  const match = /^\$?(\d+(?:\.\d+)?|\.\d+)$/u.exec(text.trim());
  const value = Number(match?.[1]);
  if (match === null || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`"${text}" is no amount of US dollars: write 2, 2.50 or 0.75.`);
  }
  return value;
}

/** A whole number above zero, such as a number of turns. Throws UsageError. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text.trim()) || !Number.isSafeInteger(value) || value <= 0) {
    throw new UsageError(`"${text}" is no number of turns: write a whole number above zero.`);
  }
  return value;
}

/** A position in the event log: zero or a whole number above it. Throws UsageError. */
export function parseSeq(text: string): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text.trim()) || !Number.isSafeInteger(value)) {
    throw new UsageError(`"${text}" is no event number: write 0 or the seq of an event.`);
  }
  return value;
}
