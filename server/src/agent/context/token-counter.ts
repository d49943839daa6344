type Count = (text: string) => number;

/** Texts above this are estimated by their bytes. */
const LONGEST_COUNTED = 200 * 1024;
/** The tokenizer's work grows with the square of a run without word breaks, so runs are counted in pieces of this size. */
const LONGEST_RUN = 300;
const LONG_RUN = new RegExp(`(\\S{${String(LONGEST_RUN)},}|\\s{${String(LONGEST_RUN)},})`);
const REMEMBERED_TEXTS = 64;
const SHORT_TEXT = 256;

/** Counts tokens as OpenAI's current models do (o200k_base). Until `load` has run, and without the tokenizer, it estimates. */
export class TokenCounter {
  #count: Count | undefined;
  #loading: Promise<void> | undefined;
  readonly #remembered = new Map<string, number>();

  /** Loads the tokenizer once. Never rejects: without it everything is estimated. */
  load(): Promise<void> {
    this.#loading ??= loadTokenizer().then((count) => {
      this.#count = count;
      this.#remembered.clear();
    });
    return this.#loading;
  }

  /** Tokens of a text. */
  count(text: string): number {
    if (text.length <= SHORT_TEXT) return this.#measure(text);
    const known = this.#remembered.get(text);
    const tokens = known ?? this.#measure(text);
    this.#remember(text, tokens);
    return tokens;
  }

  #measure(text: string): number {
    if (text === '') return 0;
    const bytes = Buffer.byteLength(text);
    if (this.#count === undefined || bytes > LONGEST_COUNTED) return Math.ceil(bytes / 4);
    return countInPieces(text, this.#count);
  }

  #remember(text: string, tokens: number): void {
    this.#remembered.delete(text);
    this.#remembered.set(text, tokens);
    if (this.#remembered.size <= REMEMBERED_TEXTS) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}

async function loadTokenizer(): Promise<Count | undefined> {
  try {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    // Words that look like control tokens are text here.
    const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
    return (text) => countTokens(text, plain);
  } catch {
    return undefined;
  }
}

function countInPieces(text: string, count: Count): number {
  if (!LONG_RUN.test(text)) return count(text);
  let tokens = 0;
  for (const piece of text.split(LONG_RUN)) {
    if (!LONG_RUN.test(piece)) {
      tokens += count(piece);
      continue;
    }
    for (let at = 0; at < piece.length; at += LONGEST_RUN) {
      tokens += count(piece.slice(at, at + LONGEST_RUN));
    }
  }
  return tokens;
}
