const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a text such as "1h 30m" or "1.5h".
 * Throws RangeError when the text is no length of time.
 */
export function parseDuration(text) {
  const parts = text.matchAll(/(\d+)\s*(ms|s|m|h|d)/g);
  let total = 0;
  for (const [, count, unit] of parts) {
    total += Number(count) * UNITS[unit];
  }
  return total;
}
