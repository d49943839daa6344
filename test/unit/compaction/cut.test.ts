import fc from 'fast-check';
import { cutPlaces, shortenOutputs, tailOf } from '@goald/server/engine/compaction-cut.js';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';
import { describe, expect, it } from 'vitest';

const lengthOf = (entries: readonly HistoryEntry[]): number => JSON.stringify(entries).length;

const user = (text: string): HistoryEntry => ({ kind: 'user', text });
const response = (id: string, outputs: readonly string[]): HistoryEntry[] => [
  { kind: 'reasoning', responseId: id, opaque: { id } },
  { kind: 'assistant', responseId: id, text: `text of ${id}` },
  ...outputs.map((_, index): HistoryEntry => ({
    kind: 'toolCall',
    responseId: id,
    callId: `${id}.${String(index)}`,
    name: 'shell',
    arguments: '{}',
  })),
  ...outputs.map((output, index): HistoryEntry => ({
    kind: 'toolOutput',
    callId: `${id}.${String(index)}`,
    output,
  })),
];

const histories = fc
  .array(
    fc.oneof(
      fc.record({ said: fc.string() }),
      fc.record({ outputs: fc.array(fc.string({ maxLength: 3000 }), { maxLength: 4 }) }),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) =>
    parts.flatMap((part, index) =>
      'said' in part ? [user(part.said)] : response(`r${String(index)}`, part.outputs),
    ),
  );

const responsesOf = (entries: readonly HistoryEntry[]): Set<string> =>
  new Set(entries.flatMap((entry) => ('responseId' in entry ? [entry.responseId] : [])));

describe('the tail of a history', () => {
  it('never holds a call without its output, an output without its call, or half a response', () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 8000 }), (history, most) => {
        const tail = tailOf(history, most, lengthOf);
        const calls = tail.flatMap((entry) => (entry.kind === 'toolCall' ? [entry.callId] : []));
        const outputs = tail.flatMap((entry) =>
          entry.kind === 'toolOutput' ? [entry.callId] : [],
        );
        expect(outputs.toSorted()).toEqual(calls.toSorted());
        const newer = responsesOf(tail);
        const older = responsesOf(history.slice(0, history.length - tail.length));
        expect([...older].filter((id) => newer.has(id))).toEqual([]);
      }),
    );
  });

  it('fits, or is only what the model has to go on from', () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 8000 }), (history, most) => {
        const tail = tailOf(history, most, lengthOf);
        const lastPlace = cutPlaces(history).at(-1) ?? 0;
        expect(lengthOf(tail) <= most || tail.length === history.length - lastPlace).toBe(true);
        expect(tail.length).toBeGreaterThan(0);
      }),
    );
  });

  it('keeps words that a user said while a response was asked for with that response', () => {
    const during: HistoryEntry = { kind: 'user', text: 'wait', duringResponseId: 'r1' };
    const [first, ...rest] = response('r1', ['out']);
    if (first === undefined) throw new Error('no entry');
    expect(cutPlaces([user('hello'), first, during, ...rest, user('next')])).toEqual([0, 1, 6]);
  });
});

describe('outputs that do not fit', () => {
  it('are cut in the middle, the largest first, until all fit; calls and words stay', () => {
    const history = response('r1', ['a'.repeat(9000), 'b'.repeat(3000), 'c'.repeat(100)]);
    const short = shortenOutputs(history, 6000, lengthOf);
    expect(lengthOf(short)).toBeLessThanOrEqual(6000);
    const outputs = short.flatMap((entry) => (entry.kind === 'toolOutput' ? [entry.output] : []));
    expect(outputs[0]).toMatch(/^a{400}\n\[8200 characters left out .*\]\na{400}$/u);
    expect(outputs.slice(1)).toEqual(['b'.repeat(3000), 'c'.repeat(100)]);
    expect(short.filter(({ kind }) => kind !== 'toolOutput')).toEqual(
      history.filter(({ kind }) => kind !== 'toolOutput'),
    );
  });

  it('a history that fits stays as it is', () => {
    const history = response('r1', ['a'.repeat(5000)]);
    expect(shortenOutputs(history, 10_000, lengthOf)).toEqual(history);
  });
});
