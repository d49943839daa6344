const NANO_PER_USD = 1_000_000_000;

/** Dollars as whole nanodollars (10^-9 USD). */
export function toNano(usd: number): number {
  return Math.round(usd * NANO_PER_USD);
}

/** Nanodollars as the number of dollars nearest to them. */
export function toUsd(nano: number): number {
  return nano / NANO_PER_USD;
}

/** The same, null where nothing is known. */
export function usdOrNull(nano: number | null): number | null {
  return nano === null ? null : toUsd(nano);
}

/** Money for a sentence: $2.50, $0.0042. */
export function usdText(nano: number): string {
  const usd = toUsd(nano);
  if (usd === 0 || Math.abs(usd) >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(9).replace(/(\.\d\d\d*?)0+$/u, '$1')}`;
}
