import { OversizedAnswerError } from './answer-limit.js';

const LINE_END = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Counts the bytes of each event of a stream: between two blank lines. What reads events holds one whole, so none may be huge. */
export class EventSizeLimit {
  readonly #maxBytes: number;
  #bytes = 0;
  /** The line so far has no bytes. */
  #lineEmpty = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Throws OversizedAnswerError. */
  see(chunk: Uint8Array): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(LINE_END, from);
      const end = at === -1 ? chunk.byteLength : at;
      const filled = end > from && !(end === from + 1 && chunk[from] === CARRIAGE_RETURN);
      this.#lineEmpty &&= !filled;
      this.#bytes += end - from;
      if (this.#bytes > this.#maxBytes) throw new OversizedAnswerError();
      if (at === -1) return;
      if (this.#lineEmpty) this.#bytes = 0;
      this.#lineEmpty = true;
      from = at + 1;
    }
  }
}
