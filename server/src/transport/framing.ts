import { HeaderDecoder } from './header-decoder.js';
import { LineDecoder } from './line-decoder.js';

/** How messages are cut on a byte stream: one JSON text a line, or Content-Length headers as LSP has them. */
export type Framing = 'lines' | 'headers';

/** One thing found in a byte stream. */
export type Frame =
  /** A message; its bytes may still not be JSON. */
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A message over the limit. Its bytes are skipped. */
  | { readonly kind: 'oversized' }
  /** Headers without a usable Content-Length. Reading goes on with the next headers. */
  | { readonly kind: 'malformed' };

/** Cuts a byte stream, given in pieces of any size, into frames. */
export interface FrameDecoder {
  push(chunk: Buffer): Frame[];
  /** The stream has ended: what is still whole comes out. */
  end(): Frame[];
}

const BOM = Buffer.from('\u{FEFF}');
/** No header name is longer; what is, is no header. */
const MAX_HEADER_NAME = 64;

/** Finds out the framing from the first bytes, then decodes with it. */
export class StreamDecoder implements FrameDecoder {
  readonly #maxBytes: number;
  #decoder: FrameDecoder | undefined;
  #framing: Framing | undefined;
  #start: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** undefined until the first bytes tell. */
  get framing(): Framing | undefined {
    return this.#framing;
  }

  push(chunk: Buffer): Frame[] {
    if (this.#decoder !== undefined) return this.#decoder.push(chunk);
    this.#start = skipBlank(Buffer.concat([this.#start, chunk]));
    const framing = detectFraming(this.#start);
    return framing === undefined ? [] : this.#decide(framing).push(this.#takeStart());
  }

  end(): Frame[] {
    if (this.#decoder !== undefined) return this.#decoder.end();
    const decoder = this.#decide('lines');
    return [...decoder.push(this.#takeStart()), ...decoder.end()];
  }

  #decide(framing: Framing): FrameDecoder {
    this.#framing = framing;
    this.#decoder =
      framing === 'lines' ? new LineDecoder(this.#maxBytes) : new HeaderDecoder(this.#maxBytes);
    return this.#decoder;
  }

  #takeStart(): Buffer {
    const start = this.#start;
    this.#start = Buffer.alloc(0);
    return start;
  }
}

/** One message as it stands on a stream of this framing. */
export function encodeFrame(framing: Framing, message: Buffer): Buffer {
  if (framing === 'headers') {
    return Buffer.concat([Buffer.from(`Content-Length: ${message.length}\r\n\r\n`), message]);
  }
  // Outside of strings line breaks mean nothing in JSON, and inside they cannot stand.
  const line = message.includes(0x0a) ? Buffer.from(message.map(breakToSpace)) : message;
  return Buffer.concat([line, Buffer.from('\n')]);
}

/** Lines unless the stream starts like a header: a name, then a colon. undefined: more bytes are needed. */
function detectFraming(start: Buffer): Framing | undefined {
  if (start.length < BOM.length && BOM.subarray(0, start.length).equals(start)) return undefined;
  for (let index = 0; index < start.length; index += 1) {
    const byte = start[index];
    if (byte === 0x3a && index > 0) return 'headers';
    if (byte === undefined || index > MAX_HEADER_NAME || !isNameByte(byte)) return 'lines';
  }
  return undefined;
}

function isNameByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d
  );
}

function skipBlank(bytes: Buffer): Buffer {
  let from = 0;
  for (;;) {
    if (isBlank(bytes[from])) from += 1;
    else if (bytes.subarray(from, from + BOM.length).equals(BOM)) from += BOM.length;
    else return bytes.subarray(from);
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function breakToSpace(byte: number): number {
  return byte === 0x0a || byte === 0x0d ? 0x20 : byte;
}
