import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatMessages } from '@goald/server/agent/models/chat-messages.js';
import { completeHistory, MISSING_OUTPUT } from '@goald/server/agent/models/complete-history.js';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';

const call = (callId: string, responseId = 'r1'): HistoryEntry => ({
  kind: 'toolCall',
  responseId,
  callId,
  name: 'shell',
  arguments: '{}',
});
const output = (callId: string, text = `of ${callId}`): HistoryEntry => ({
  kind: 'toolOutput',
  callId,
  output: text,
});
const says = (text: string, responseId = 'r1'): HistoryEntry => ({
  kind: 'assistant',
  responseId,
  text,
});
const asks = (text: string): HistoryEntry => ({ kind: 'user', text });

describe('chat messages', () => {
  it('are one assistant message a response, then its outputs, though the history interleaves them', () => {
    const messages = chatMessages([
      asks('Go'),
      { kind: 'reasoning', responseId: 'r1', opaque: null },
      says('Two calls.'),
      call('a'),
      output('a'),
      call('b'),
      output('b'),
      says('Done.', 'r2'),
    ]);
    expect(messages).toMatchObject([
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: 'Two calls.', tool_calls: [{ id: 'a' }, { id: 'b' }] },
      { role: 'tool', tool_call_id: 'a', content: 'of a' },
      { role: 'tool', tool_call_id: 'b', content: 'of b' },
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  it('keep the words of a user who spoke between a call and its output behind the output', () => {
    const messages = chatMessages([call('a'), asks('Wait'), output('a'), says('Ok', 'r2')]);
    expect(messages.map((message) => message.role)).toEqual([
      'assistant',
      'tool',
      'user',
      'assistant',
    ]);
  });

  it('take a server that uses a call id again', () => {
    const messages = chatMessages([
      call('x', 'r1'),
      output('x', 'one'),
      call('x', 'r2'),
      output('x', 'two'),
    ]);
    expect(messages).toMatchObject([
      { role: 'assistant' },
      { role: 'tool', content: 'one' },
      { role: 'assistant' },
      { role: 'tool', content: 'two' },
    ]);
  });
});

describe('a history as providers take it', () => {
  it('has an output for each call, and no output without one', () => {
    expect(
      completeHistory([
        output('z'),
        call('a'),
        asks('?'),
        call('b', 'r2'),
        output('b'),
        output('b'),
      ]),
    ).toEqual([call('a'), output('a', MISSING_OUTPUT), asks('?'), call('b', 'r2'), output('b')]);
  });

  it('drops reasoning that led to nothing', () => {
    const thought = (responseId: string): HistoryEntry => ({
      kind: 'reasoning',
      responseId,
      opaque: {},
    });
    const history = [
      thought('r1'),
      call('a'),
      output('a'),
      thought('r2'),
      asks('?'),
      thought('r3'),
      says('x', 'r3'),
      thought('r4'),
    ];
    expect(completeHistory(history).filter((entry) => entry.kind === 'reasoning')).toEqual([
      thought('r1'),
      thought('r3'),
    ]);
  });

  it('always pairs calls and outputs one to one, in any history', () => {
    const ids = fc.constantFrom('a', 'b', 'c');
    const entry = fc.oneof(
      ids.map((id) => call(id)),
      ids.map((id) => call(id, 'r2')),
      ids.map((id) => output(id)),
      fc.constant(asks('?')),
      fc.constant(says('x', 'r2')),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (history) => {
        const open = new Map<string, number>();
        for (const { kind, callId } of completeHistory(history).filter((one) => 'callId' in one)) {
          const count = (open.get(callId) ?? 0) + (kind === 'toolCall' ? 1 : -1);
          expect(count === 0 || count === 1).toBe(true);
          open.set(callId, count);
        }
        expect([...open.values()].every((count) => count === 0)).toBe(true);
      }),
    );
  });
});
