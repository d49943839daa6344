import { UsageError } from '../failures.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time: `90s`, `15m`, `2h`, `1.5h`, `1h30m`. Answers whole seconds above zero. Throws UsageError. */
export function parseDuration(text: string): number {
  const compact = text.trim().toLowerCase().replaceAll(/\s+/gu, '');
  const parts = [...compact.matchAll(/(\d+(?:\.\d+)?)([smhd])/gu)];
  const covered = parts.map((part) => part[0]).join('');
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN),
    0,
  );
  const whole = Math.round(seconds);
  if (parts.length === 0 || covered !== compact || !Number.isSafeInteger(whole) || whole <= 0) {
    throw new UsageError(`"${text}" is no length of time: write 90s, 15m, 2h or 1h30m.`);
  }
  return whole;
}
