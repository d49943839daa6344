import { parseAmount, parseCount, parseSeq, parseUsd } from '@goald/cli/args/amounts.js';
import { parseDuration } from '@goald/cli/args/durations.js';
import { describe, expect, it } from 'vitest';

describe('amounts', () => {
  it.each([
    ['50k', 50_000],
    ['1.5M', 1_500_000],
    ['2_000', 2000],
    ['750', 750],
    [' 3 K ', 3000],
    ['0.5k', 500],
  ])('%s is %i', (text, value) => {
    expect(parseAmount(text)).toBe(value);
  });

  it.each(['', '0', '-5', '5x', 'k', '1e3', '50 000', '0.0001', 'NaN', '99999999999G'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseAmount(text)).toThrow(/no amount/u);
    },
  );
});

describe('amounts of money', () => {
  it.each([
    ['2', 2],
    ['2.50', 2.5],
    ['$0.75', 0.75],
    ['.5', 0.5],
    [' 3 ', 3],
  ])('%s is %d dollars', (text, value) => {
    expect(parseUsd(text)).toBe(value);
  });

  it.each(['', '0', '-1', '1e3', '2,50', '5k', '$', 'Infinity', '2 dollars'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseUsd(text)).toThrow(/no amount of US dollars/u);
    },
  );
});

describe('lengths of time', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['1.5h', 5400],
    ['1h30m', 5400],
    ['1h 30m 5s', 5405],
    ['1D', 86_400],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '90', '2 hours', 'h', '0s', '1h30', '-1h', '5w'])('"%s" is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(/no length of time/u);
  });
});

it('counts are whole and above zero, positions may be zero', () => {
  expect(parseCount('12')).toBe(12);
  expect(() => parseCount('0')).toThrow();
  expect(() => parseCount('1.5')).toThrow();
  expect(parseSeq('0')).toBe(0);
  expect(() => parseSeq('-1')).toThrow();
});
