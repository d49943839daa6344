import type { Frame, FrameDecoder } from './framing.js';

const LINE_FEED = 0x0a;
/** A longer header line is not kept; its block is malformed. */
const MAX_HEADER_LINE = 4096;
const CONTENT_LENGTH = /^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*$/i;
const ANY_HEADER = /^[!-9;-~]+[ \t]*:/;

/** Messages behind `Content-Length: N` headers and an empty line. Other headers are read over. */
export class HeaderDecoder implements FrameDecoder {
  readonly #maxBytes: number;
  #line: Buffer = Buffer.alloc(0);
  #blockEmpty = true;
  #blockBroken = false;
  #contentLength: number | undefined;
  #body: Buffer[] | undefined;
  #missing = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#missing > 0 ? this.#readBody(rest, frames) : this.#readHeader(rest, frames);
    }
    return frames;
  }

  end(): Frame[] {
    const whole = this.#missing === 0 && this.#blockEmpty && this.#line.length === 0;
    return whole ? [] : [{ kind: 'malformed' }];
  }

  #readHeader(chunk: Buffer, frames: Frame[]): Buffer {
    const feed = chunk.indexOf(LINE_FEED);
    const piece = feed === -1 ? chunk : chunk.subarray(0, feed);
    if (this.#line.length + piece.length > MAX_HEADER_LINE) {
      this.#blockBroken = true;
      this.#blockEmpty = false;
      this.#line = Buffer.from('-'.repeat(MAX_HEADER_LINE));
    } else {
      this.#line = Buffer.concat([this.#line, piece]);
    }
    if (feed === -1) return Buffer.alloc(0);
    const line = this.#line.toString('latin1').replace(/\r$/, '');
    this.#line = Buffer.alloc(0);
    if (line === '') this.#endBlock(frames);
    else this.#readLine(line);
    return chunk.subarray(feed + 1);
  }

  #readLine(line: string): void {
    this.#blockEmpty = false;
    const length = CONTENT_LENGTH.exec(line)?.[1];
    if (length !== undefined) this.#contentLength = Number(length);
    else if (!ANY_HEADER.test(line) || /^content-length/i.test(line)) this.#blockBroken = true;
  }

  #endBlock(frames: Frame[]): void {
    const length = this.#contentLength;
    if (this.#blockBroken || (length === undefined && !this.#blockEmpty)) {
      frames.push({ kind: 'malformed' });
    } else if (length !== undefined) {
      this.#startBody(length, frames);
    }
    this.#blockEmpty = true;
    this.#blockBroken = false;
    this.#contentLength = undefined;
  }

  #startBody(length: number, frames: Frame[]): void {
    this.#missing = length;
    this.#body = length > this.#maxBytes ? undefined : [];
    if (this.#body === undefined) frames.push({ kind: 'oversized' });
    else if (length === 0) frames.push({ kind: 'message', bytes: Buffer.alloc(0) });
  }

  #readBody(chunk: Buffer, frames: Frame[]): Buffer {
    const piece = chunk.subarray(0, this.#missing);
    this.#body?.push(piece);
    this.#missing -= piece.length;
    if (this.#missing === 0 && this.#body !== undefined) {
      frames.push({ kind: 'message', bytes: Buffer.concat(this.#body) });
      this.#body = undefined;
    }
    return chunk.subarray(piece.length);
  }
}
