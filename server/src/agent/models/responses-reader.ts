import { randomUUID } from 'node:crypto';
import type { FinishReason, ModelEvent } from '../../engine/ports/model.js';
import { filledOf, listOf, numberOf, objectOf, textOf, type JsonObject } from './json.js';
import { CutStreamError, StreamedError, type StreamReader } from './stream-reader.js';
import { tierIn, usageOf } from './usage.js';

/** Reads a stream of the Responses API. Items are told once, however often the server repeats them. */
export class ResponsesReader implements StreamReader {
  readonly closingMs = 250;
  outputSeen = false;
  closing = false;
  /** Deltas of items that are not yet whole: message text or call arguments, by item. */
  readonly #parts = new Map<string, string>();
  readonly #messageParts = new Set<string>();
  readonly #toldItems = new Set<string>();
  readonly #toldCalls = new Set<string>();
  readonly #toldTexts = new Set<string>();
  /** Numbers of the events so far, each with its item. */
  readonly #numbers = new Set<string>();
  #reasoningTold = false;
  #refused = false;

  read(chunk: unknown): readonly ModelEvent[] {
    const event = objectOf(chunk);
    if (this.closing || this.#isRepeated(event)) return [];
    const type = textOf(event['type']) ?? '';
    switch (type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#messageDelta(event);
      case 'response.reasoning_summary_text.delta':
        return this.#reasoningDelta(event, event['summary_index']);
      case 'response.reasoning_text.delta':
        return this.#reasoningDelta(event, event['content_index']);
      case 'response.function_call_arguments.delta':
        return this.#append(event) === null
          ? []
          : [{ type: 'callDelta', delta: textOf(event['delta']) ?? '' }];
      case 'response.output_item.done':
        return this.#item(objectOf(event['item']), keyOf(event, event['item']));
      case 'response.completed':
      case 'response.incomplete':
        return this.#last(type, objectOf(event['response']));
      case 'response.failed':
        throw new StreamedError(objectOf(event['response'])['error']);
      case 'error':
        throw new StreamedError(event['error'] ?? event);
      default:
        return [];
    }
  }

  /** A piece the server sent before. Servers that give all events one number are not believed; whole items are known by their ids. */
  #isRepeated(event: JsonObject): boolean {
    const number = numberOf(event['sequence_number']);
    if (number === null) return false;
    const key = `${String(number)} ${keyOf(event)}`;
    const isNew = this.#numbers.size < 3 || !this.#numbers.has(key);
    this.#numbers.add(key);
    return !isNew && textOf(event['type'])?.endsWith('.delta') === true;
  }

  end(): readonly ModelEvent[] {
    if (!this.closing) throw new CutStreamError();
    return [];
  }

  #messageDelta(event: JsonObject): readonly ModelEvent[] {
    const key = this.#append(event);
    if (key === null) return [];
    this.#messageParts.add(key);
    return [{ type: 'textDelta', delta: textOf(event['delta']) ?? '' }];
  }

  #reasoningDelta(event: JsonObject, index: unknown): readonly ModelEvent[] {
    const delta = filledOf(event['delta']);
    if (delta === null || this.#toldItems.has(keyOf(event))) return [];
    this.outputSeen = true;
    return [{ type: 'reasoningDelta', delta, summaryIndex: numberOf(index) ?? 0 }];
  }

  /** Keeps a delta under its item; null when it says nothing new. */
  #append(event: JsonObject): string | null {
    const key = keyOf(event);
    const delta = filledOf(event['delta']);
    if (delta === null || this.#toldItems.has(key)) return null;
    this.outputSeen = true;
    this.#parts.set(key, (this.#parts.get(key) ?? '') + delta);
    return key;
  }

  #item(item: JsonObject, key: string): readonly ModelEvent[] {
    if (this.#toldItems.has(key)) return [];
    this.outputSeen = true;
    switch (item['type']) {
      case 'message':
        this.#toldItems.add(key);
        return this.#message(messageText(item), hasRefusal(item));
      case 'reasoning':
        this.#toldItems.add(key);
        return this.#reasoning(item);
      case 'function_call':
        this.#toldItems.add(key);
        return this.#call(item, key);
      default:
        return [];
    }
  }

  #message(text: string, refused: boolean): readonly ModelEvent[] {
    this.#refused ||= refused;
    if (text === '') return [];
    this.#toldTexts.add(text);
    return [{ type: 'text', text }];
  }

  #reasoning(item: JsonObject): readonly ModelEvent[] {
    this.#reasoningTold = true;
    const summary = textsOf(item['summary']);
    const shown = summary.length > 0 ? summary : textsOf(item['content']);
    return [{ type: 'reasoning', summary: shown, opaque: opaqueOf(item) }];
  }

  #call(item: JsonObject, key: string): readonly ModelEvent[] {
    const callId = filledOf(item['call_id']) ?? filledOf(item['id']) ?? `call_${randomUUID()}`;
    if (this.#toldCalls.has(callId)) return [];
    this.#toldCalls.add(callId);
    const args = filledOf(item['arguments']) ?? this.#parts.get(key) ?? '';
    return [{ type: 'toolCall', callId, name: textOf(item['name']) ?? '', arguments: args }];
  }

  #last(type: string, response: JsonObject): readonly ModelEvent[] {
    this.closing = true;
    const events = listOf(response['output']).flatMap((value, index) =>
      this.#untold(objectOf(value), keyOf({ output_index: index }, value)),
    );
    for (const key of this.#messageParts) {
      const text = this.#parts.get(key) ?? '';
      if (this.#toldItems.has(key) || this.#toldTexts.has(text)) continue;
      events.push(...this.#message(text, false));
    }
    const finish = this.#finish(type, objectOf(response['incomplete_details'])['reason']);
    const usage = usageOf(response['usage']);
    events.push({ type: 'completed', finish, usage, ...tierIn(response) });
    return events;
  }

  /** An item of the closing summary that the server never told as an event of its own. */
  #untold(item: JsonObject, key: string): ModelEvent[] {
    if (item['type'] === 'reasoning' && this.#reasoningTold) return [];
    if (item['type'] === 'message') {
      this.#refused ||= hasRefusal(item);
      if (this.#toldTexts.has(messageText(item))) return [];
    }
    return [...this.#item(item, key)];
  }

  #finish(type: string, reason: unknown): FinishReason {
    if (type === 'response.incomplete') return reason === 'content_filter' ? 'refusal' : 'length';
    if (this.#refused) return 'refusal';
    return this.#toldCalls.size > 0 ? 'toolCalls' : 'stop';
  }
}

/** One name for an item in its deltas, its end and the closing summary: its id, else its place. */
function keyOf(event: JsonObject, item?: unknown): string {
  const id = filledOf(objectOf(item)['id']) ?? filledOf(event['item_id']);
  return id ?? `#${String(numberOf(event['output_index']) ?? 0)}`;
}

function messageText(item: JsonObject): string {
  return listOf(item['content'])
    .map((part) => textOf(objectOf(part)['text']) ?? textOf(objectOf(part)['refusal']) ?? '')
    .join('');
}

function hasRefusal(item: JsonObject): boolean {
  return listOf(item['content']).some((part) => objectOf(part)['type'] === 'refusal');
}

function textsOf(parts: unknown): readonly string[] {
  return listOf(parts)
    .map((part) => textOf(objectOf(part)['text']))
    .filter((text) => text !== null);
}

/** The item as it must go back; null where sending it back would be refused or mean nothing. */
function opaqueOf(item: JsonObject): JsonObject | null {
  const { id, summary, content, encrypted_content: encrypted } = item;
  const head = { type: 'reasoning', id, summary: listOf(summary) };
  if (filledOf(encrypted) !== null) return { ...head, encrypted_content: encrypted };
  return listOf(content).length > 0 ? { ...head, content } : null;
}
