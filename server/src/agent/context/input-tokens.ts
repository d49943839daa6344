import type { HistoryEntry, ImagePart, ToolSpec } from '../../engine/ports/model.js';
import type { TokenCounter } from './token-counter.js';

// What providers add around the texts: roles, separators, call ids.
const PER_REQUEST = 8;
const PER_ENTRY = 4;
const PER_CALL = 12;
const PER_TOOL = 8;
// A picture of a screen at the detail models look at by themselves; the provider's figures put it right.
const PER_IMAGE = 1100;
const PER_SMALL_IMAGE = 85;
// Encrypted reasoning is base64 (3 bytes in 4 characters) of text at about 4 bytes a token.
const OPAQUE_TOKENS_PER_CHAR = 3 / 16;

/** Counts the input of requests. An entry is counted once: the count is kept with the object. */
export class InputTokens {
  readonly #counter: TokenCounter;
  readonly #entries = new WeakMap<HistoryEntry, number>();

  constructor(counter: TokenCounter) {
    this.#counter = counter;
  }

  /** Tokens of a whole request. Needs the counter loaded, else counts kept for entries stay estimates. */
  count(input: {
    instructions: string;
    tools: readonly ToolSpec[];
    history: readonly HistoryEntry[];
    steering: string | null;
  }): number {
    let tokens = PER_REQUEST + this.#counter.count(input.instructions);
    if (input.tools.length > 0) {
      tokens += this.#counter.count(JSON.stringify(input.tools)) + PER_TOOL * input.tools.length;
    }
    tokens += this.countEntries(input.history);
    if (input.steering !== null) tokens += PER_ENTRY + this.#counter.count(input.steering);
    return tokens;
  }

  countEntries(entries: readonly HistoryEntry[]): number {
    return entries.reduce((tokens, entry) => tokens + this.#entry(entry), 0);
  }

  #entry(entry: HistoryEntry): number {
    const known = this.#entries.get(entry);
    if (known !== undefined) return known;
    const tokens = this.#measure(entry);
    this.#entries.set(entry, tokens);
    return tokens;
  }

  #measure(entry: HistoryEntry): number {
    switch (entry.kind) {
      case 'user':
        return PER_ENTRY + this.#counter.count(entry.text) + imageTokens(entry.images ?? []);
      case 'assistant':
        return PER_ENTRY + this.#counter.count(entry.text);
      case 'reasoning':
        return entry.opaque === null
          ? 0
          : Math.ceil(JSON.stringify(entry.opaque).length * OPAQUE_TOKENS_PER_CHAR);
      case 'toolCall':
        return PER_CALL + this.#counter.count(entry.name) + this.#counter.count(entry.arguments);
      case 'toolOutput':
        return PER_CALL + this.#counter.count(entry.output);
    }
  }
}

function imageTokens(images: readonly ImagePart[]): number {
  return images.reduce(
    (tokens, { detail }) => tokens + (detail === 'low' ? PER_SMALL_IMAGE : PER_IMAGE),
    0,
  );
}
