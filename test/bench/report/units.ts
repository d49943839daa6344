import type { Unit } from '../metric.js';

/** Three digits that mean something, with separators. */
function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value >= 1 ? 2 : 3);
}

/** A value for people: 0.123 ms, 12,300/s, 45.6 MB, 1.23×. */
export function humanValue(value: number, unit: Unit): string {
  if (value < 0) return `-${humanValue(-value, unit)}`;
  switch (unit) {
    case 'ms':
      return value >= 1000 ? `${digits(value / 1000)} s` : `${digits(value)} ms`;
    case 'perSecond':
      return `${digits(value)}/s`;
    case 'bytes':
      return value >= 1e6 ? `${digits(value / 1e6)} MB` : `${digits(value / 1e3)} kB`;
    case 'times':
      return `${digits(value)}×`;
  }
}

/** A factor: 41×, 3.2×, 0.25×. */
export function humanFactor(factor: number): string {
  if (factor >= 10) return `${Math.round(factor).toLocaleString('en-US')}×`;
  return `${factor.toFixed(factor >= 1 ? 1 : 2)}×`;
}
