import { describe, expect, it } from 'vitest';
import { ChatReader } from '@goald/server/agent/models/chat-reader.js';
import { ResponsesReader } from '@goald/server/agent/models/responses-reader.js';
import type { StreamReader } from '@goald/server/agent/models/stream-reader.js';
import type { ModelEvent } from '@goald/server/engine/ports/model.js';

function readAll(reader: StreamReader, chunks: readonly unknown[]): readonly ModelEvent[] {
  return [...chunks.flatMap((chunk) => reader.read(chunk)), ...reader.end()];
}

const calls = (events: readonly ModelEvent[]): readonly ModelEvent[] =>
  events.filter((event) => event.type === 'toolCall');

describe('reading the Responses API', () => {
  const item = (callId: string, id = `fc_${callId}`): Record<string, unknown> => ({
    type: 'function_call',
    id,
    call_id: callId,
    name: 'shell',
    arguments: '{}',
  });
  const done = (value: object): object => ({ type: 'response.output_item.done', item: value });
  const completed = (output: readonly object[] = []): object => ({
    type: 'response.completed',
    response: { output, usage: null },
  });
  const read = (...chunks: unknown[]): readonly ModelEvent[] =>
    readAll(new ResponsesReader(), chunks);

  it('tells a call once, though it comes twice, in the closing summary again, and after the end', () => {
    const events = read(
      done(item('c1')),
      done(item('c1')),
      done(item('c1', 'other')),
      completed([item('c1')]),
      done(item('c2')),
    );
    expect(calls(events)).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'completed', finish: 'toolCalls' });
  });

  it('takes from the closing summary what was never told', () => {
    const message = { type: 'message', id: 'm', content: [{ type: 'output_text', text: 'Hi' }] };
    const events = read(done(item('c1')), completed([message, item('c1'), item('c2')]));
    expect(events.map((event) => event.type)).toEqual([
      'toolCall',
      'text',
      'toolCall',
      'completed',
    ]);
  });

  it('tells a message whose end never came, once', () => {
    const delta = { type: 'response.output_text.delta', item_id: 'm', delta: 'Hi' };
    const events = read(delta, completed());
    expect(events.map((event) => event.type)).toEqual(['textDelta', 'text', 'completed']);
  });

  it('takes the arguments from the deltas where the whole item has none', () => {
    const delta = {
      type: 'response.function_call_arguments.delta',
      item_id: 'fc_c1',
      delta: '{"a":',
    };
    const events = read(
      delta,
      { ...delta, delta: '1}' },
      done({ ...item('c1'), arguments: '' }),
      completed(),
    );
    expect(calls(events)).toMatchObject([{ arguments: '{"a":1}' }]);
  });

  it('reads a piece once that comes twice, and believes no server that numbers nothing', () => {
    const piece = (sequence_number: number, delta: string): object => ({
      type: 'response.output_text.delta',
      item_id: 'm',
      sequence_number,
      delta,
    });
    const said = (...chunks: object[]): string =>
      read(...chunks, completed())
        .flatMap((event) => (event.type === 'textDelta' ? [event.delta] : []))
        .join('');
    const numbered = [0, 1, 2].map((number) => ({ type: 'x', sequence_number: number }));
    expect(said(...numbered, piece(3, 'a'), piece(3, 'a'), piece(4, 'a'))).toBe('aa');
    expect(said(piece(0, 'a'), piece(0, 'a'), piece(0, 'b'))).toBe('aab');
  });

  it('tells the pieces of a call, which count when it is never whole', () => {
    const delta = { type: 'response.function_call_arguments.delta', item_id: 'f', delta: '{"a' };
    expect(new ResponsesReader().read(delta)).toEqual([{ type: 'callDelta', delta: '{"a' }]);
  });

  it('ignores what it does not know and what has the wrong shape', () => {
    const events = read(
      null,
      7,
      {},
      { type: 'response.new_thing' },
      done({ type: 'web_search_call' }),
      { type: 'response.output_text.delta' },
      completed(),
    );
    expect(events).toEqual([{ type: 'completed', finish: 'stop', usage: null }]);
  });

  it('fails when the stream ends without a last word', () => {
    expect(() => read(done(item('c1')))).toThrow('before the response was complete');
  });

  it('has no figures where the server’s make no sense, and keeps parts within their whole', () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 4,
      input_tokens_details: { cached_tokens: 99 },
    };
    expect(read({ type: 'response.completed', response: { usage } }).at(-1)).toMatchObject({
      usage: { input: 10, cachedInput: 10, output: 4, reasoning: 0 },
    });
    const odd = { input_tokens: 'many', output_tokens: 4 };
    expect(read({ type: 'response.completed', response: { usage: odd } }).at(-1)).toMatchObject({
      usage: null,
    });
  });

  it('sends no reasoning back that the server could not find again', () => {
    const summary = [{ type: 'summary_text', text: 'Hm' }];
    const events = read(done({ type: 'reasoning', id: 'rs', summary }), completed());
    expect(events[0]).toEqual({ type: 'reasoning', summary: ['Hm'], opaque: null });
  });
});

describe('reading the Chat Completions API', () => {
  const delta = (value: object, finish_reason: string | null = null): object => ({
    choices: [{ index: 0, delta: value, finish_reason }],
  });
  const piece = (fields: object, name?: string, args?: string): object =>
    delta({ tool_calls: [{ ...fields, function: { name, arguments: args } }] });
  const end = delta({}, 'tool_calls');
  const read = (...chunks: unknown[]): readonly ModelEvent[] => readAll(new ChatReader(), chunks);

  it.each([
    { error: { message: 'It fell over.' } },
    { error: 'It fell over.' },
    { object: 'error', message: 'It fell over.', code: 500 },
  ])('fails with the error that stands in a chunk: %j', (chunk) => {
    const body = expect.objectContaining({ message: 'It fell over.' }) as unknown;
    expect(() => read(chunk)).toThrow(expect.objectContaining({ body }));
  });

  it('tells the pieces of a call, which count when it is never whole', () => {
    const reader = new ChatReader();
    const told = [
      ...reader.read(piece({ index: 0, id: 'c' }, 'shell', '')),
      ...reader.read(piece({ index: 0 }, undefined, '{"a')),
    ];
    expect(told).toEqual([
      { type: 'callDelta', delta: 'shell' },
      { type: 'callDelta', delta: '{"a' },
    ]);
  });

  it.each([
    [
      'numbered pieces',
      [
        piece({ index: 0, id: 'a' }, 'f', ''),
        piece({ index: 0 }, undefined, '{"x":'),
        piece({ index: 0 }, undefined, '1}'),
        piece({ index: 1, id: 'b' }, 'g', '{}'),
      ],
    ],
    [
      'numbered pieces that repeat id and name',
      [
        piece({ index: 0, id: 'a' }, 'f', '{"x":'),
        piece({ index: 0, id: 'a' }, 'f', '1}'),
        piece({ index: 1, id: 'b' }, 'g', '{}'),
      ],
    ],
    [
      'whole calls without numbers',
      [piece({ id: 'a' }, 'f', '{"x":1}'), piece({ id: 'b' }, 'g', '{}')],
    ],
    [
      'whole calls that all have number 0',
      [piece({ index: 0, id: 'a' }, 'f', '{"x":1}'), piece({ index: 0, id: 'b' }, 'g', '{}')],
    ],
    [
      'interleaved pieces',
      [
        piece({ index: 0, id: 'a' }, 'f', '{"x":'),
        piece({ index: 1, id: 'b' }, 'g', '{'),
        piece({ index: 0 }, undefined, '1}'),
        piece({ index: 1 }, undefined, '}'),
      ],
    ],
  ])('puts parallel calls together from %s', (_, chunks) => {
    expect(calls(read(...chunks, end))).toEqual([
      { type: 'toolCall', callId: 'a', name: 'f', arguments: '{"x":1}' },
      { type: 'toolCall', callId: 'b', name: 'g', arguments: '{}' },
    ]);
  });

  it('gives calls an id where the server gives none', () => {
    const events = calls(read(piece({}, 'f', '{}'), piece({}, 'g', '{}'), end));
    const ids = events.map((event) => (event.type === 'toolCall' ? event.callId : ''));
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain('');
  });

  it('ignores pieces that come after the end', () => {
    const events = read(
      piece({ index: 0, id: 'a' }, 'f', '{}'),
      end,
      piece({ index: 1, id: 'b' }, 'g', '{}'),
      end,
    );
    expect(calls(events)).toHaveLength(1);
    expect(events.filter((event) => event.type === 'completed')).toHaveLength(1);
  });

  it('takes the last figures of a server that sends them with every chunk', () => {
    const usage = (n: number): object => ({ usage: { prompt_tokens: 9, completion_tokens: n } });
    const events = read(
      { ...delta({ content: 'a' }), ...usage(1) },
      { ...delta({}, 'stop'), ...usage(2) },
    );
    expect(events.at(-1)).toMatchObject({ finish: 'stop', usage: { input: 9, output: 2 } });
  });

  it('counts an end by "stop" after calls as calls', () => {
    const events = read(piece({ index: 0, id: 'a' }, 'f', '{}'), delta({}, 'stop'));
    expect(events.at(-1)).toMatchObject({ finish: 'toolCalls' });
  });

  it('ignores what has the wrong shape', () => {
    expect(read(null, 'x', { choices: [] }, { choices: [null] }, delta({}, 'stop'))).toEqual([
      { type: 'completed', finish: 'stop', usage: null },
    ]);
  });
});
