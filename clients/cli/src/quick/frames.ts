/** What comes in is no text frame as our daemon sends them. */
class FrameError extends Error {
  override readonly name = 'FrameError';
}

const FINAL_TEXT = 0x81;
const PING = 0x89;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** A WebSocket frame with one text, as clients send them. */
export function encodeText(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(payload.length < LENGTH_16 ? 2 : payload.length < 0x10000 ? 4 : 10);
  head[0] = FINAL_TEXT;
  head[1] = MASKED | Math.min(payload.length, head.length === 4 ? LENGTH_16 : LENGTH_64);
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  // A mask of zeros: masks protect proxies from clients, and there is none on a Unix socket.
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Puts the texts of a server's frames together again from the pieces in which they come. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The texts that are whole now. Throws FrameError for frames a goald daemon does not send. */
  push(piece: Buffer): string[] {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    const texts: string[] = [];
    for (let payload = this.#next(); payload !== null; payload = this.#next()) {
      if (payload.kind === FINAL_TEXT) texts.push(payload.bytes.toString('utf8'));
    }
    return texts;
  }

  #next(): { kind: number; bytes: Buffer } | null {
    const bytes = this.#bytes;
    const [kind, length] = bytes;
    if (kind === undefined || length === undefined) return null;
    if ((kind !== FINAL_TEXT && kind !== PING) || length > LENGTH_64) {
      throw new FrameError(`An unexpected frame ${String(kind)}.`);
    }
    const start = length === LENGTH_64 ? 10 : length === LENGTH_16 ? 4 : 2;
    if (bytes.length < start) return null;
    const size =
      length === LENGTH_64
        ? Number(bytes.readBigUInt64BE(2))
        : length === LENGTH_16
          ? bytes.readUInt16BE(2)
          : length;
    if (bytes.length < start + size) return null;
    this.#bytes = bytes.subarray(start + size);
    return { kind, bytes: bytes.subarray(start, start + size) };
  }
}
