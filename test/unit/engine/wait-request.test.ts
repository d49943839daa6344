import { describe, expect, it } from 'vitest';
import { sign } from '@goald/server/goals/progress.js';
import { waitLimit } from '@goald/server/engine/wait-request.js';
import { durationWords, processWords } from '@goald/server/engine/wait-words.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 86_400_000;

describe('the limit of a wait', () => {
  it.each([
    [{ seconds: 90 }, NOW + 90_000],
    [{ seconds: 0.0001 }, NOW + 1],
    [{ seconds: 86_400 }, NOW + DAY],
    [{ until: '2026-03-01T12:00:01Z' }, NOW + 1000],
    [{ until: '2026-03-01T14:05+02:00' }, NOW + 300_000],
    [{ until: ' 2026-03-01T08:30:00.5-0330 ' }, NOW + 500],
    [{ process: 1 }, NOW + DAY],
    [{ process: 1, seconds: 5 }, NOW + 5000],
    [{ path: { absolute: '/a', display: 'a' }, until: '2026-03-01T12:01:00Z' }, NOW + 60_000],
  ])('%j', (request, untilMs) => {
    expect(waitLimit(request, NOW, DAY)).toEqual({ ok: true, untilMs });
  });

  it.each([
    [{}, /what to wait for/],
    [{ seconds: 5, until: '2026-03-01T12:01:00Z' }, /not both/],
    [{ process: 1, path: { absolute: '/a', display: 'a' } }, /not both/],
    [{ seconds: 86_401 }, /86400 s at most/],
    [{ until: '2026-03-03T12:00:00Z' }, /86400 s at most/],
    [{ until: '2026-03-01T12:00:00Z' }, /over already: it is 2026-03-01T12:00:00\.000Z now/],
    [{ until: '2026-03-01T13:00' }, /with an offset, such as 2026-03-01T13:00:00\.000Z/],
    [{ until: 'tomorrow' }, /no ISO time/],
    [{ until: '2026-13-41T99:00:00Z' }, /no ISO time/],
    [{ until: '1' }, /no ISO time/],
  ])('%j is refused', (request, words) => {
    const limit = waitLimit(request, NOW, DAY);
    expect(limit.ok ? '' : limit.problem).toMatch(words);
  });
});

describe('words of a wait', () => {
  it.each([
    [50, '0.1 s'],
    [1500, '1.5 s'],
    [90_000, '90 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [3_599_000, '1 h'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000, '24 h'],
  ])('%i ms are %s', (ms, text) => {
    expect(durationWords(ms)).toBe(text);
  });

  it('name a process on one short line', () => {
    expect(processWords({ number: 3, command: '  npm\n  test ' })).toBe('process 3 (npm test)');
    expect(processWords({ number: 1, command: 'x'.repeat(100) })).toBe(
      `process 1 (${'x'.repeat(60)}…)`,
    );
  });
});

describe('the sign of a wait', () => {
  it('is the same for about the same time, and there are few of them', () => {
    const signs = Array.from({ length: 86_400 }, (_, second) => sign.waitTime((second + 1) * 1000));
    expect(new Set(signs).size).toBe(9);
    expect(sign.waitTime(50)).toBe(sign.waitTime(3000));
    expect(sign.waitTime(60_000)).not.toBe(sign.waitTime(3_600_000));
  });
});
