import {
  formatAgo,
  formatBar,
  formatClock,
  formatDuration,
  formatMoment,
  formatTokens,
  formatUsd,
  shortId,
} from '@goald/cli/output/format.js';
import { reasonText, statusText, usageText } from '@goald/cli/output/goal-text.js';
import { clean, displayWidth, oneLine, truncate, wrap } from '@goald/cli/output/text.js';
import { describe, expect, it } from 'vitest';
import { goalOf } from './samples.js';

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1k'],
  [12_345, '12.3k'],
  [999_949, '999.9k'],
  [999_950, '1M'],
  [1_500_000, '1.5M'],
  [2_340_000, '2.34M'],
])('%i tokens are %s', (tokens, text) => {
  expect(formatTokens(tokens)).toBe(text);
});

it.each([
  [0, '0ms'],
  [340, '340ms'],
  [1000, '1s'],
  [4249, '4.2s'],
  [59_949, '59.9s'],
  [59_950, '1m 00s'],
  [192_000, '3m 12s'],
  [3_599_600, '1h 00m'],
  [7_500_000, '2h 05m'],
])('%i ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [0, '$0.00'],
  [12.5, '$12.50'],
  [0.07, '$0.07'],
  [0.0042, '$0.0042'],
  [0.000_07, '$0.000070'],
  [1234.567, '$1234.57'],
])('%d dollars are %s', (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});

it('a goal shows its cost against its budget, and none where no price is known', () => {
  expect(usageText(goalOf({}))).not.toContain('$');
  expect(usageText(goalOf({ costUsd: 0.42 }))).toContain(' · $0.42 · ');
  expect(usageText(goalOf({ costBudgetUsd: 2 }))).toContain('$0.00 of $2.00');
});

it('a goal at its usage limit says when that ends', () => {
  const statusReason = {
    code: 'usageLimit',
    message: 'Used up.',
    detail: 'It comes back at noon.',
    atMs: 1,
  } as const;
  expect(reasonText(goalOf({ status: 'usageLimited', statusReason }))).toBe(
    'Used up. It comes back at noon.',
  );
  expect(reasonText(goalOf({ status: 'paused', statusReason }))).toBe('Used up.');
});

it('a running clock has no tenths', () => {
  expect([formatClock(900), formatClock(4900), formatClock(65_000)]).toEqual([
    '0s',
    '4s',
    '1m 05s',
  ]);
});

it('ages, bars and ids are short', () => {
  expect([formatAgo(5000), formatAgo(300_000), formatAgo(7_200_000), formatAgo(3e8)]).toEqual([
    'just now',
    '5m ago',
    '2h ago',
    '3d ago',
  ]);
  expect([formatBar(0, 10, 4), formatBar(5, 10, 4), formatBar(99, 10, 4)]).toEqual([
    '░░░░',
    '██░░',
    '████',
  ]);
  expect(shortId('0190b6a2-1111-7000-8000-0123456789ab')).toBe('456789ab');
});

describe('text of others', () => {
  it('loses what would steer the terminal', () => {
    const hostile =
      '\u001b[2Ja\u001b]0;title\u0007b\u001b[31mred\u001b[0m\rc\u0008\u009b31m\u202ed\u001b';
    expect(clean(hostile)).toBe('abredc31md');
    expect(clean('a\r\n\tb')).toBe('a\n  b');
    expect(oneLine(' a\n  b\tc ')).toBe('a b c');
  });

  it('is measured and cut by the columns it takes', () => {
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301👩‍👩‍👧x')).toBe(4);
    expect(displayWidth('\u001b[1mab\u001b[0m')).toBe(2);
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('short', 5)).toBe('short');
    expect(truncate('long', 0)).toBe('');
  });

  it('is wrapped at blanks, and a line that has no blank is cut', () => {
    expect(wrap('one two three four', 10)).toEqual(['one two', 'three four']);
    expect(wrap('abcdefghijklmnop', 10)).toEqual(['abcdefghi…']);
    expect(wrap('a\n\nb', 10)).toEqual(['a', '', 'b']);
  });
});

it('a moment has its date only when that is another one', () => {
  const noon = new Date(2026, 2, 1, 12, 0).getTime();
  expect(formatMoment(new Date(2026, 2, 1, 14, 5).getTime(), noon)).toBe('14:05');
  expect(formatMoment(new Date(2026, 2, 2, 0, 5).getTime(), noon)).toBe('2026-03-02 00:05');
});

it('a waiting goal says for what and until when', () => {
  const sinceMs = new Date(2026, 2, 1, 12, 0).getTime();
  const untilMs = new Date(2026, 2, 1, 14, 5).getTime();
  const wait = { waitId: 'w', processId: null, path: null, sinceMs };
  const text = (kind: 'time' | 'process', what: string, until: number | null): string =>
    statusText(goalOf({ phase: 'waiting', waitingFor: { ...wait, kind, what, untilMs: until } }));
  expect(text('time', '2 h 5 min', untilMs)).toBe('active, waits for 2 h 5 min, until 14:05');
  expect(text('process', 'process 3 (npm test)', untilMs)).toBe(
    'active, waits for process 3 (npm test), at most until 14:05',
  );
  expect(text('process', 'process 3 (npm test)', null)).toBe(
    'active, waits for process 3 (npm test)',
  );
  expect(statusText(goalOf({ phase: 'waiting' }))).toBe('active, waiting');
});
