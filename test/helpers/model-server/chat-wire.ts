import type { Json } from './json.js';
import { pieces, type Spoken } from './spoken.js';

const FINISH: Readonly<Record<Spoken['finish'], string>> = {
  stop: 'stop',
  toolCalls: 'tool_calls',
  length: 'length',
  refusal: 'stop',
};

/** A reply as the chunks of the Chat Completions API, each one a whole server-sent event. */
export function chatEvents(reply: Spoken, options: { includeUsage: boolean }): readonly string[] {
  const deltas: Json[] = [{ role: 'assistant', content: '' }];
  for (const piece of pieces(reply.reasoning)) deltas.push({ reasoning_content: piece });
  const field = reply.finish === 'refusal' ? 'refusal' : 'content';
  for (const piece of pieces(reply.text)) deltas.push({ [field]: piece });
  for (const [index, call] of reply.calls.entries()) {
    const head = { name: call.name, arguments: '' };
    deltas.push({ tool_calls: [{ index, id: call.id, type: 'function', function: head }] });
    for (const piece of pieces(call.arguments)) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  const choices = deltas.map((delta) => ({ index: 0, delta, finish_reason: null }));
  const events = [...choices, { index: 0, delta: {}, finish_reason: FINISH[reply.finish] }].map(
    (choice) => chunk(reply, { choices: [choice] }),
  );
  if (options.includeUsage && reply.usage !== null) {
    events.push(chunk(reply, { choices: [], usage: usage(reply.usage) }));
  }
  return [...events, 'data: [DONE]\n\n'];
}

/** An error in the middle of a stream. */
export function chatError(error: Json): string {
  return `data: ${JSON.stringify({ error })}\n\n`;
}

/** One more piece of text, or of the arguments of a call, of any size. */
export function chatPiece(reply: Spoken, what: 'text' | 'call', piece: string): string {
  const delta =
    what === 'text'
      ? { content: piece }
      : {
          tool_calls: [
            { index: 0, id: `call_${reply.id}_0`, function: { name: 'shell', arguments: piece } },
          ],
        };
  return chunk(reply, { choices: [{ index: 0, delta, finish_reason: null }] });
}

function chunk(reply: Spoken, fields: Json): string {
  const head = {
    id: `chatcmpl-${reply.id}`,
    object: 'chat.completion.chunk',
    created: reply.createdAt,
    model: reply.model,
    ...(reply.serviceTier === null ? {} : { service_tier: reply.serviceTier }),
  };
  return `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
}

function usage(figures: NonNullable<Spoken['usage']>): Json {
  return {
    prompt_tokens: figures.input,
    completion_tokens: figures.output,
    total_tokens: figures.input + figures.output,
    prompt_tokens_details: { cached_tokens: figures.cachedInput },
    completion_tokens_details: { reasoning_tokens: figures.reasoning },
  };
}
