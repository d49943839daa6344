const FIN_AND_TEXT = 0x81;
/** From here on the length stands in two bytes, and from the other on in eight. */
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 65_536;

/**
 * WebSocket text frames as a server sends them: whole, unmasked, not compressed. The frame of a Buffer is made once, however many
 * clients get it.
 */
export class TextFrames {
  readonly #made = new WeakMap<Buffer, Buffer>();

  /** A Buffer must not be changed afterwards. */
  frameOf(data: string | Buffer): Buffer {
    if (typeof data === 'string') return frameOfText(data);
    let frame = this.#made.get(data);
    if (frame === undefined) {
      frame = withHeader(data.length);
      data.copy(frame, frame.length - data.length);
      this.#made.set(data, frame);
    }
    return frame;
  }
}

function frameOfText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = withHeader(length);
  frame.write(text, frame.length - length, 'utf8');
  return frame;
}

/** A frame with its header, the payload still to be filled in at its end. */
function withHeader(payload: number): Buffer {
  if (payload < TWO_BYTE_LENGTH) {
    const frame = Buffer.allocUnsafe(2 + payload);
    frame[1] = payload;
    frame[0] = FIN_AND_TEXT;
    return frame;
  }
  const short = payload < EIGHT_BYTE_LENGTH;
  const frame = Buffer.allocUnsafe((short ? 4 : 10) + payload);
  frame[0] = FIN_AND_TEXT;
  frame[1] = short ? 126 : 127;
  if (short) frame.writeUInt16BE(payload, 2);
  else frame.writeBigUInt64BE(BigInt(payload), 2);
  return frame;
}
