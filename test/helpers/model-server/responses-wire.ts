import type { Json } from './json.js';
import { pieces, type Spoken } from './spoken.js';

type Emit = (type: string, fields: Json) => void;

/** A reply as the events of the Responses API, each one a whole server-sent event. */
export function responsesEvents(reply: Spoken): readonly string[] {
  const events: string[] = [];
  const emit: Emit = (type, fields) => {
    events.push(sse({ type, sequence_number: events.length, ...fields }));
  };
  const output: Json[] = [];
  emit('response.created', { response: response(reply, 'in_progress', []) });
  emit('response.in_progress', { response: response(reply, 'in_progress', []) });
  if (reply.reasoning !== '') output.push(reasoning(emit, reply, output.length));
  if (reply.text !== '') output.push(message(emit, reply, output.length));
  for (const call of reply.calls) output.push(functionCall(emit, call, output.length));
  const last = reply.finish === 'length' ? 'incomplete' : 'completed';
  emit(`response.${last}`, { response: response(reply, last, output) });
  return events;
}

/** An error in the middle of a stream. */
export function responsesError(reply: Spoken, error: Json): string {
  return sse({
    type: 'response.failed',
    response: { ...response(reply, 'failed', []), error },
  });
}

/** One more piece of text, or of the arguments of a call, of any size. */
export function responsesPiece(reply: Spoken, what: 'text' | 'call', delta: string): string {
  return what === 'text'
    ? sse({
        type: 'response.output_text.delta',
        item_id: `msg_${reply.id}`,
        output_index: 0,
        delta,
      })
    : sse({
        type: 'response.function_call_arguments.delta',
        item_id: `fc_${reply.id}`,
        output_index: 0,
        delta,
      });
}

function sse(event: Json & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function response(reply: Spoken, status: string, output: readonly Json[]): Json {
  const ended = status === 'completed' || status === 'incomplete';
  return {
    id: `resp_${reply.id}`,
    object: 'response',
    created_at: reply.createdAt,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    model: reply.model,
    output,
    parallel_tool_calls: true,
    ...(reply.serviceTier === null ? {} : { service_tier: ended ? reply.serviceTier : 'auto' }),
    store: false,
    usage: ended && reply.usage !== null ? usage(reply.usage) : null,
  };
}

function usage(figures: NonNullable<Spoken['usage']>): Json {
  return {
    input_tokens: figures.input,
    input_tokens_details: { cached_tokens: figures.cachedInput },
    output_tokens: figures.output,
    output_tokens_details: { reasoning_tokens: figures.reasoning },
    total_tokens: figures.input + figures.output,
  };
}

function reasoning(emit: Emit, reply: Spoken, output_index: number): Json {
  const id = `rs_${reply.id}`;
  const at = { item_id: id, output_index, summary_index: 0 };
  const empty = { id, type: 'reasoning', summary: [] };
  const part = { type: 'summary_text', text: reply.reasoning };
  const item = { ...empty, summary: [part], encrypted_content: `enc:${reply.id}` };
  emit('response.output_item.added', { output_index, item: empty });
  emit('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
  for (const delta of pieces(reply.reasoning)) {
    emit('response.reasoning_summary_text.delta', { ...at, delta });
  }
  emit('response.reasoning_summary_text.done', { ...at, text: reply.reasoning });
  emit('response.reasoning_summary_part.done', { ...at, part });
  emit('response.output_item.done', { output_index, item });
  return item;
}

function message(emit: Emit, reply: Spoken, output_index: number): Json {
  const id = `msg_${reply.id}`;
  const refused = reply.finish === 'refusal';
  const kind = refused ? 'refusal' : 'output_text';
  const textPart = { type: 'output_text', annotations: [], text: reply.text };
  const part = refused ? { type: 'refusal', refusal: reply.text } : textPart;
  const blank = refused ? { type: 'refusal', refusal: '' } : { ...textPart, text: '' };
  const at = { item_id: id, output_index, content_index: 0 };
  const empty = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  const item = { ...empty, status: 'completed', content: [part] };
  emit('response.output_item.added', { output_index, item: empty });
  emit('response.content_part.added', { ...at, part: blank });
  for (const delta of pieces(reply.text)) emit(`response.${kind}.delta`, { ...at, delta });
  emit(`response.${kind}.done`, { ...at, [refused ? 'refusal' : 'text']: reply.text });
  emit('response.content_part.done', { ...at, part });
  emit('response.output_item.done', { output_index, item });
  return item;
}

function functionCall(emit: Emit, call: Spoken['calls'][number], output_index: number): Json {
  const id = `fc_${call.id}`;
  const at = { item_id: id, output_index };
  const item = {
    id,
    type: 'function_call',
    status: 'completed',
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
  };
  emit('response.output_item.added', {
    output_index,
    item: { ...item, status: 'in_progress', arguments: '' },
  });
  for (const delta of pieces(call.arguments)) {
    emit('response.function_call_arguments.delta', { ...at, delta });
  }
  emit('response.function_call_arguments.done', { ...at, arguments: call.arguments });
  emit('response.output_item.done', { output_index, item });
  return item;
}
