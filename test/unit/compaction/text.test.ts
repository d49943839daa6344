import { compactedEntries, digestOf } from '@goald/server/engine/compaction-text.js';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';
import { expect, it } from 'vitest';

const CALL = { responseId: 'r1', callId: 'c1', name: 'shell', arguments: '{"command":"npm test"}' };
const HISTORY: HistoryEntry[] = [
  { kind: 'user', text: 'Use tabs, not spaces.' },
  { kind: 'assistant', responseId: 'r1', text: 'I look at the tests.' },
  { kind: 'toolCall', ...CALL },
  { kind: 'toolOutput', callId: 'c1', output: 'exit 1\n3 failed' },
  { kind: 'user', text: 'And keep the API.' },
];

it('the user’s own words stay as they were said, before the summary', () => {
  const entries = compactedEntries(HISTORY, { by: 'model', text: 'Tests fail in parse.js.' });
  expect(entries.slice(0, 2)).toEqual([
    { kind: 'user', text: 'Use tabs, not spaces.' },
    { kind: 'user', text: 'And keep the API.' },
  ]);
  expect(entries.at(-1)).toMatchObject({ kind: 'user', isSummary: true });
  expect(JSON.stringify(entries.at(-1))).toContain('Tests fail in parse.js.');
});

it('a second compaction keeps the words again, but not the first summary as if a user had said it', () => {
  const once = compactedEntries(HISTORY, { by: 'model', text: 'FIRST' });
  const twice = compactedEntries(once, { by: 'model', text: 'SECOND' });
  expect(twice).toHaveLength(3);
  expect(JSON.stringify(twice)).not.toContain('FIRST');
});

it('without a model the digest tells what was said and called, and hands on an earlier summary', () => {
  const digest = digestOf(HISTORY);
  expect(digest).toContain('I look at the tests.');
  expect(digest).toContain('shell {"command":"npm test"} -> exit 1 3 failed');
  const once = compactedEntries(HISTORY, { by: 'model', text: 'FIRST' });
  expect(digestOf(once)).toContain('FIRST');
});

it('endless words of a user are cut, the newest kept', () => {
  const long: HistoryEntry[] = [
    { kind: 'user', text: 'old '.repeat(10_000) },
    { kind: 'user', text: 'new '.repeat(5000) },
  ];
  const [first, second] = compactedEntries(long, { by: 'model', text: 'S' });
  expect(JSON.stringify(second)).toContain('new new');
  expect(JSON.stringify(second).length).toBeLessThan(21_000);
  expect(JSON.stringify(first).length).toBeLessThan(5000);
});
