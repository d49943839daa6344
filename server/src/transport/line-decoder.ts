import type { Frame, FrameDecoder } from './framing.js';

const LINE_FEED = 0x0a;

/** One JSON text a line. Blank lines are nothing; the last line needs no line feed. */
export class LineDecoder implements FrameDecoder {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #skipping = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let from = 0;
    for (;;) {
      const feed = chunk.indexOf(LINE_FEED, from);
      if (feed === -1) break;
      this.#take(chunk.subarray(from, feed), frames);
      this.#finish(frames);
      from = feed + 1;
    }
    this.#take(chunk.subarray(from), frames);
    return frames;
  }

  end(): Frame[] {
    const frames: Frame[] = [];
    this.#finish(frames);
    return frames;
  }

  #take(piece: Buffer, frames: Frame[]): void {
    if (this.#skipping || piece.length === 0) return;
    this.#length += piece.length;
    this.#pieces.push(piece);
    if (this.#length > this.#maxBytes + 1) this.#skip(frames);
  }

  #finish(frames: Frame[]): void {
    const line = Buffer.concat(this.#pieces);
    const bytes = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
    if (bytes.length > this.#maxBytes) this.#skip(frames);
    else if (!isBlankLine(bytes)) frames.push({ kind: 'message', bytes });
    this.#pieces = [];
    this.#length = 0;
    this.#skipping = false;
  }

  #skip(frames: Frame[]): void {
    frames.push({ kind: 'oversized' });
    this.#pieces = [];
    this.#length = 0;
    this.#skipping = true;
  }
}

function isBlankLine(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
