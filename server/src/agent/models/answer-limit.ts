import type { ModelEvent } from '../../engine/ports/model.js';

/** Characters that stay of a block that was cut. */
const KEPT = 16_384;

/** The answer is longer than goald takes. */
export class OversizedAnswerError extends Error {
  override readonly name = 'OversizedAnswerError';

  constructor() {
    super('The answer is longer than model.maxAnswerBytes.');
  }
}

/** A block that is streamed and not whole yet, as far as it is kept. */
interface Block {
  text: string;
  length: number;
}

/** Watches how long one answer gets. A server that ignores the limit it was given must not fill memory, store and context. */
export class AnswerLimit {
  readonly #max: number;
  #pieces = 0;
  #wholes = 0;
  readonly #reasoning: Block = { text: '', length: 0 };
  readonly #text: Block = { text: '', length: 0 };

  /** `max` in characters. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Counts an event. Throws OversizedAnswerError for the one that is too much. */
  admit(event: ModelEvent): void {
    switch (event.type) {
      case 'textDelta':
        grow(this.#text, event.delta);
        this.#pieces += event.delta.length;
        break;
      case 'reasoningDelta':
        grow(this.#reasoning, event.delta);
        this.#pieces += event.delta.length;
        break;
      case 'callDelta':
        this.#pieces += event.delta.length;
        break;
      case 'text':
        this.#end(this.#text, event.text);
        break;
      case 'reasoning':
        this.#end(this.#reasoning, event.summary.join('\n'));
        break;
      case 'toolCall':
        this.#wholes += event.name.length + event.arguments.length;
        break;
      case 'completed':
        return;
    }
    // Whole blocks repeat their pieces.
    if (Math.max(this.#pieces, this.#wholes) > this.#max) throw new OversizedAnswerError();
  }

  /** How an answer ends that was cut: the heads of its open blocks, and a word on what happened. */
  cut(): readonly ModelEvent[] {
    const note = `[goald cut this answer here: it is longer than ${String(this.#max)} characters (model.maxAnswerBytes), so the rest was not read and no call in it was run]`;
    const reasoning: ModelEvent = {
      type: 'reasoning',
      summary: [headOf(this.#reasoning)],
      opaque: null,
    };
    const text = [headOf(this.#text), note].filter((part) => part !== '').join('\n\n');
    return [
      ...(this.#reasoning.length > 0 ? [reasoning] : []),
      { type: 'text', text },
      { type: 'completed', finish: 'length', usage: null },
    ];
  }

  #end(block: Block, whole: string): void {
    this.#wholes += whole.length;
    // One that is too long by itself is still to be cut.
    if (this.#wholes > this.#max) {
      block.text = whole.slice(0, KEPT);
      block.length = whole.length;
      return;
    }
    block.text = '';
    block.length = 0;
  }
}

function grow(block: Block, delta: string): void {
  if (block.text.length < KEPT) block.text += delta.slice(0, KEPT - block.text.length);
  block.length += delta.length;
}

function headOf(block: Block): string {
  return block.length > block.text.length ? `${block.text} …` : block.text;
}
