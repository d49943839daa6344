import { formatDuration, formatTokens, formatUsd } from '../output/format.js';
import type { EventData } from './event-data.js';

/** A budget of which most is used, in words. */
export function budgetWarning(data: EventData): string {
  const used = data.number('used');
  const limit = data.number('limit');
  const amount = AMOUNTS[data.text('unit') ?? ''];
  if (used === null || limit === null || amount === undefined) return 'most of a budget is used';
  return `most of a budget is used: ${amount(used)} of ${amount(limit)}`;
}

const AMOUNTS: Readonly<Record<string, (value: number) => string>> = {
  tokens: (value) => `${formatTokens(value)} tokens`,
  seconds: (value) => formatDuration(value * 1000),
  usd: formatUsd,
  turns: (value) => `${String(value)} turns`,
};
