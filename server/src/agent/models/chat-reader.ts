import type { FinishReason, ModelEvent } from '../../engine/ports/model.js';
import type { Usage } from '@goald/protocol';
import { ChatCalls } from './chat-calls.js';
import { filledOf, isObject, listOf, objectOf, textOf, type JsonObject } from './json.js';
import { CutStreamError, StreamedError, type StreamReader } from './stream-reader.js';
import { tierIn, usageOf, type ServedTier } from './usage.js';

/** Reads a stream of the Chat Completions API: its one choice, and the usage that comes after it. */
export class ChatReader implements StreamReader {
  outputSeen = false;
  readonly #calls = new ChatCalls();
  #text = '';
  #reasoning = '';
  #refused = false;
  #finish: string | null = null;
  #usage: Usage | null = null;
  #tier: ServedTier = {};

  /** The usage comes in a chunk of its own, which some servers never send. */
  get closingMs(): number {
    return this.#usage === null ? 5000 : 250;
  }

  get closing(): boolean {
    return this.#finish !== null;
  }

  read(chunk: unknown): readonly ModelEvent[] {
    const body = objectOf(chunk);
    const told = errorIn(body);
    if (told !== null) throw new StreamedError(told);
    this.#usage = usageOf(body['usage']) ?? this.#usage;
    this.#tier = { ...this.#tier, ...tierIn(body) };
    if (this.closing) return [];
    const choice = objectOf(listOf(body['choices'])[0]);
    const events = this.#delta(objectOf(choice['delta']));
    const finish = filledOf(choice['finish_reason']);
    if (finish === null) return events;
    if (finish === 'error') throw new StreamedError(choice['error'] ?? { code: 'server_error' });
    this.#finish = finish;
    return [...events, ...this.#blocks()];
  }

  end(): readonly ModelEvent[] {
    if (this.#finish === null) throw new CutStreamError();
    const finish = this.#reason(this.#finish);
    return [{ type: 'completed', finish, usage: this.#usage, ...this.#tier }];
  }

  #delta(delta: JsonObject): readonly ModelEvent[] {
    const events: ModelEvent[] = [];
    const reasoning = filledOf(delta['reasoning_content']) ?? filledOf(delta['reasoning']);
    if (reasoning !== null && this.#text === '') {
      this.#reasoning += reasoning;
      events.push({ type: 'reasoningDelta', delta: reasoning, summaryIndex: 0 });
    }
    const refusal = filledOf(delta['refusal']);
    this.#refused ||= refusal !== null;
    const text = (textOf(delta['content']) ?? '') + (refusal ?? '');
    if (text !== '') {
      if (this.#text === '') events.push(...this.#reasoningBlock());
      this.#text += text;
      events.push({ type: 'textDelta', delta: text });
    }
    for (const part of listOf(delta['tool_calls'])) {
      const piece = this.#calls.add(objectOf(part));
      if (piece !== '') events.push({ type: 'callDelta', delta: piece });
    }
    this.outputSeen ||= events.length > 0 || this.#calls.size > 0;
    return events;
  }

  #reasoningBlock(): readonly ModelEvent[] {
    if (this.#reasoning === '') return [];
    const summary = [this.#reasoning];
    this.#reasoning = '';
    return [{ type: 'reasoning', summary, opaque: null }];
  }

  #blocks(): readonly ModelEvent[] {
    const text: readonly ModelEvent[] =
      this.#text === '' ? [] : [{ type: 'text', text: this.#text }];
    return [...this.#reasoningBlock(), ...text, ...this.#calls.whole()];
  }

  #reason(finish: string): FinishReason {
    if (finish === 'length') return 'length';
    if (finish === 'content_filter' || this.#refused) return 'refusal';
    // Some servers say "stop" after calls.
    return this.#calls.size > 0 ? 'toolCalls' : 'stop';
  }
}

/** The error a chunk holds: an object, a text, or the chunk itself. */
function errorIn(chunk: JsonObject): JsonObject | null {
  const { error } = chunk;
  if (isObject(error)) return error;
  const message = filledOf(error);
  if (message !== null) return { message };
  return chunk['object'] === 'error' ? chunk : null;
}
