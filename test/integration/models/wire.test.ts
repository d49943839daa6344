import { describe, expect, it } from 'vitest';
import { WIRE_APIS } from '@goald/protocol';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';
import { byProgress, says, startModelServer, toolCall } from '../../helpers/model-server/index.js';
import { eventsOf, modelAt, modelRequest, whole } from './support.js';

describe.each(WIRE_APIS)('a model over the %s API', (wireApi) => {
  it('streams text in pieces, then whole, then the figures', async () => {
    await using server = await startModelServer({
      script: () => ({
        text: 'Hello, I am a model and I speak in pieces: ä漢🙂.',
        usage: { input: 100, cachedInput: 64, output: 20, reasoning: 5 },
      }),
    });
    const events = await eventsOf(modelAt(server.url, { wireApi }));
    const text = 'Hello, I am a model and I speak in pieces: ä漢🙂.';
    const deltas = events.flatMap((event) => (event.type === 'textDelta' ? [event.delta] : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe(text);
    expect(whole(events)).toEqual([
      { type: 'text', text },
      {
        type: 'completed',
        finish: 'stop',
        usage: { input: 100, cachedInput: 64, output: 20, reasoning: 5 },
      },
    ]);
    expect(server.bill().told).toEqual({ input: 100, cachedInput: 64, output: 20, reasoning: 5 });
  });

  it('yields reasoning, text and parallel calls in order, broken arguments as they stand', async () => {
    await using server = await startModelServer({
      script: () => ({
        reasoning: 'I should look at two files at once.',
        text: 'Looking.',
        toolCalls: [
          toolCall('read_file', { path: 'a.txt' }),
          toolCall('read_file', '{"path": "b.t'),
          toolCall('list_files', ''),
        ],
      }),
    });
    const events = whole(await eventsOf(modelAt(server.url, { wireApi })));
    expect(events.map((event) => event.type)).toEqual([
      'reasoning',
      'text',
      'toolCall',
      'toolCall',
      'toolCall',
      'completed',
    ]);
    expect(events[0]).toMatchObject({ summary: ['I should look at two files at once.'] });
    const calls = events.filter((event) => event.type === 'toolCall');
    expect(calls.map((call) => call.arguments)).toEqual(['{"path":"a.txt"}', '{"path": "b.t', '']);
    expect(new Set(calls.map((call) => call.callId)).size).toBe(3);
    expect(events.at(-1)).toMatchObject({ finish: 'toolCalls' });
  });

  it('has null for usage when the server tells none', async () => {
    await using server = await startModelServer({ script: () => ({ text: 'Hi.', usage: null }) });
    const events = await eventsOf(modelAt(server.url, { wireApi }));
    expect(events.at(-1)).toEqual({ type: 'completed', finish: 'stop', usage: null });
    expect(server.bill().told.input).toBe(0);
    expect(server.bill().total.input).toBeGreaterThan(0);
  });

  it.each(['length', 'refusal'] as const)('tells an end by %s', async (finish) => {
    await using server = await startModelServer({ script: () => ({ text: 'No more', finish }) });
    const events = whole(await eventsOf(modelAt(server.url, { wireApi })));
    expect(events[0]).toEqual({ type: 'text', text: 'No more' });
    expect(events.at(-1)).toMatchObject({ type: 'completed', finish });
  });

  it('sends instructions, tools, history and, last, the steering', async () => {
    await using server = await startModelServer({
      script: (request) => ({
        text: JSON.stringify([request.instructions, request.toolNames, request.steering]),
      }),
    });
    const events = whole(await eventsOf(modelAt(server.url, { wireApi })));
    expect(events[0]).toEqual({
      type: 'text',
      text: JSON.stringify(['Be brief.', ['shell'], 'Goal: greet.']),
    });
    const body = server.requests[0]?.body ?? {};
    const sent = body[wireApi === 'chat' ? 'messages' : 'input'];
    expect(Array.isArray(sent) && sent.at(-1)).toMatchObject({
      role: wireApi === 'chat' ? 'user' : 'developer',
    });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer no-key');
  });

  it('sends the key it was given', async () => {
    await using server = await startModelServer({ script: () => says('Hi.') });
    await eventsOf(modelAt(server.url, { wireApi }, 'sk-test-1234567890'));
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test-1234567890');
  });

  it('gives a whole conversation back so that the server recognises each of its responses', async () => {
    await using server = await startModelServer({
      script: byProgress(
        { reasoning: 'Two things.', toolCalls: [toolCall('a', {}), toolCall('b', {})] },
        says('First turn is over.'),
        { text: 'And on.', toolCalls: [toolCall('c', {})] },
        (request) =>
          says(`saw ${request.lastToolOutputs.join(',')} at ${String(request.progress)}`),
      ),
    });
    const model = modelAt(server.url, { wireApi });
    const history: HistoryEntry[] = [{ kind: 'user', text: 'Go' }];
    let last = '';
    for (let turn = 0; turn < 4; turn += 1) {
      const responseId = `response-${String(turn)}`;
      for (const event of await eventsOf(model, modelRequest({ history: [...history] }))) {
        if (event.type === 'reasoning') {
          history.push({ kind: 'reasoning', responseId, opaque: event.opaque });
        } else if (event.type === 'text') {
          last = event.text;
          history.push({ kind: 'assistant', responseId, text: event.text });
        } else if (event.type === 'toolCall') {
          const { callId, name } = event;
          history.push({ kind: 'toolCall', responseId, callId, name, arguments: event.arguments });
          history.push({ kind: 'toolOutput', callId, output: `output of ${name}` });
        }
      }
    }
    expect(last).toBe('saw output of c at 3');
    const again = await eventsOf(model, modelRequest({ history: history.slice(0, -1) }));
    expect(whole(again)[0]).toEqual({ type: 'text', text: last });
  });

  it('keeps the bytes before the newest entries the same from request to request', async () => {
    await using server = await startModelServer({ script: () => says('Hi.') });
    const model = modelAt(server.url, { wireApi });
    const first: HistoryEntry[] = [
      { kind: 'user', text: 'Go' },
      { kind: 'toolCall', responseId: 'r1', callId: 'c1', name: 'a', arguments: '{}' },
      { kind: 'toolOutput', callId: 'c1', output: 'one' },
    ];
    const more: HistoryEntry[] = [...first, { kind: 'assistant', responseId: 'r2', text: 'Next' }];
    const one = modelRequest({ history: first, steering: 'left: 900', maxOutputTokens: 900 });
    const two = modelRequest({ history: more, steering: 'left: 500', maxOutputTokens: 500 });
    await eventsOf(model, one);
    await eventsOf(model, two);
    const [before, after] = server.requests.map((request) => request.rawBody);
    const stable = (before ?? '').slice(0, (before ?? '').indexOf('one') + 'one"}'.length);
    expect(stable.length).toBeGreaterThan(200);
    expect(after?.startsWith(stable)).toBe(true);
  });
});

it('asks the Responses API to keep nothing and to cache by thread', async () => {
  await using server = await startModelServer({ script: () => says('Hi.') });
  await eventsOf(modelAt(server.url, { reasoningEffort: 'high' }));
  expect(server.requests[0]?.body).toMatchObject({
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'thread-1',
    parallel_tool_calls: true,
    max_output_tokens: 1000,
    reasoning: { effort: 'high', summary: 'auto' },
    tools: [{ type: 'function', name: 'shell', strict: false }],
  });
});

it('asks a chat server that is not OpenAI for max_tokens and usage', async () => {
  await using server = await startModelServer({ script: () => says('Hi.') });
  await eventsOf(modelAt(server.url, { wireApi: 'chat' }));
  const body = server.requests[0]?.body ?? {};
  expect(body).toMatchObject({ max_tokens: 1000, stream_options: { include_usage: true } });
  expect(body).not.toHaveProperty('max_completion_tokens');
  expect(body).not.toHaveProperty('prompt_cache_key');
});

it('gives encrypted reasoning back unchanged', async () => {
  await using server = await startModelServer({
    script: () => ({ reasoning: 'Hm.', toolCalls: [toolCall('a', {})] }),
  });
  const model = modelAt(server.url);
  const reasoning = whole(await eventsOf(model))[0];
  if (reasoning?.type !== 'reasoning') throw new Error('no reasoning came');
  const history: HistoryEntry[] = [
    { kind: 'reasoning', responseId: 'r', opaque: reasoning.opaque },
    { kind: 'toolCall', responseId: 'r', callId: 'c', name: 'a', arguments: '{}' },
    { kind: 'toolOutput', callId: 'c', output: 'x' },
  ];
  await eventsOf(model, modelRequest({ history }));
  expect(server.requests[1]?.body['input']).toMatchObject([
    { type: 'reasoning', id: 'rs_r0', encrypted_content: 'enc:r0' },
    { type: 'function_call', call_id: 'c' },
    { type: 'function_call_output', call_id: 'c', output: 'x' },
    { role: 'developer' },
  ]);
});

it('leaves out an optional parameter from the request after the one that was refused for it', async () => {
  await using server = await startModelServer({
    script: (request) =>
      request.index === 0
        ? {
            fault: {
              kind: 'status',
              status: 400,
              body: {
                error: {
                  message: 'Your organization must be verified to generate reasoning summaries.',
                  param: 'reasoning.summary',
                  code: 'unsupported_value',
                },
              },
            },
          }
        : says('Hi.'),
  });
  const model = modelAt(server.url);
  await expect(eventsOf(model)).rejects.toMatchObject({ kind: 'transient', retryAfterMs: 0 });
  await eventsOf(model);
  expect(server.requests[0]?.body['reasoning']).toEqual({ summary: 'auto' });
  expect(server.requests[1]?.body['reasoning']).toEqual({});
});
