import { describe, expect, it } from 'vitest';
import { AnswerLimit, OversizedAnswerError } from '@goald/server/agent/models/answer-limit.js';
import { EventSizeLimit } from '@goald/server/agent/models/event-size-limit.js';
import type { ModelEvent } from '@goald/server/engine/ports/model.js';

const text = (delta: string): ModelEvent => ({ type: 'textDelta', delta });
const admit = (limit: AnswerLimit, ...events: ModelEvent[]) => {
  return () => {
    for (const event of events) limit.admit(event);
  };
};

describe('the limit of an answer', () => {
  it('counts pieces and wholes once', () => {
    const limit = new AnswerLimit(10);
    const call: ModelEvent = { type: 'toolCall', callId: 'c', name: 'ab', arguments: '{}' };
    const within = [
      text('123456'),
      { type: 'text', text: '123456' } as const,
      { type: 'callDelta', delta: 'ab{}' } as const,
      call,
      { type: 'completed', finish: 'stop', usage: null } as const,
    ];
    expect(admit(limit, ...within)).not.toThrow();
    expect(admit(limit, text('7'))).toThrow(OversizedAnswerError);
  });

  it.each([
    ['text', text('12345678901')],
    ['reasoning', { type: 'reasoningDelta', delta: '12345678901', summaryIndex: 0 } as const],
    ['a call', { type: 'callDelta', delta: '12345678901' } as const],
    ['a whole text', { type: 'text', text: '12345678901' } as const],
    [
      'a whole call',
      { type: 'toolCall', callId: 'c', name: 'a', arguments: '1234567890' } as const,
    ],
  ])('is passed by %s', (_, event) => {
    expect(admit(new AnswerLimit(10), event)).toThrow(OversizedAnswerError);
  });

  it('leaves the heads of what was open, and says what happened', () => {
    const limit = new AnswerLimit(50_000);
    const thought: ModelEvent = { type: 'reasoningDelta', delta: 'Hm.', summaryIndex: 0 };
    expect(admit(limit, thought, text('a'.repeat(49_000)), text('a'.repeat(9000)))).toThrow();
    const [reasoning, cut, end] = limit.cut();
    expect(reasoning).toEqual({ type: 'reasoning', summary: ['Hm.'], opaque: null });
    expect(cut).toMatchObject({ type: 'text' });
    const kept = cut?.type === 'text' ? cut.text : '';
    expect(kept).toMatch(/^a{16384} …\n\n\[goald cut this answer here: .*50000/);
    expect(end).toEqual({ type: 'completed', finish: 'length', usage: null });
  });

  it('keeps no head of a block that had ended', () => {
    const limit = new AnswerLimit(100);
    const ended: ModelEvent = { type: 'text', text: 'Said.' };
    expect(admit(limit, text('Said.'), ended, text('b'.repeat(200)))).toThrow();
    expect(JSON.stringify(limit.cut())).not.toContain('Said.');
  });
});

describe('the limit of one event', () => {
  const bytes = (value: string): Uint8Array => Buffer.from(value);

  it('lets many events pass that are small', () => {
    const limit = new EventSizeLimit(20);
    for (const end of ['\n\n', '\r\n\r\n']) {
      for (let n = 0; n < 10; n += 1) {
        expect(() => {
          limit.see(bytes(`event: a\ndata: 1${end}`));
        }).not.toThrow();
      }
    }
  });

  it('is passed by one event in many pieces, also over many lines', () => {
    const limit = new EventSizeLimit(20);
    limit.see(bytes('data: 1234567'));
    limit.see(bytes('\ndata'));
    expect(() => {
      limit.see(bytes(': 1234'));
    }).toThrow(OversizedAnswerError);
  });

  it('finds the end of an event between two pieces', () => {
    const limit = new EventSizeLimit(20);
    for (const piece of ['data: 123456789\n', '\n', 'data: 123456789\r', '\n\r\n', 'data: 12']) {
      expect(() => {
        limit.see(bytes(piece));
      }).not.toThrow();
    }
  });
});
