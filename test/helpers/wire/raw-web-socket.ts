import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../eventually.js';

/** A WebSocket made by hand over a plain socket, so that a test decides what is sent and whether anything is read. */
export class RawWebSocket implements Disposable {
  readonly socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
    });
  }

  /** Connects to ws://HOST:PORT or unix://PATH and shakes hands. */
  static async open(endpoint: string, token?: string): Promise<RawWebSocket> {
    const url = endpoint.startsWith('ws://') ? new URL(endpoint) : undefined;
    const socket =
      url === undefined
        ? connect(endpoint.slice('unix://'.length))
        : connect(Number(url.port), url.hostname);
    await once(socket, 'connect');
    const raw = new RawWebSocket(socket);
    const lines = [
      'GET / HTTP/1.1',
      `Host: ${url?.host ?? 'localhost'}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const end = await eventually('the handshake', () => {
      const found = raw.#bytes.indexOf('\r\n\r\n');
      return found === -1 ? null : found + 4;
    });
    raw.#bytes = raw.#bytes.subarray(end);
    return raw;
  }

  /** True when nothing more can come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends one whole masked text frame. */
  send(message: object): void {
    const payload = Buffer.from(JSON.stringify(message));
    const mask = randomBytes(4);
    const head =
      payload.length < 126
        ? Buffer.of(0x81, 0x80 | payload.length)
        : Buffer.of(0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff);
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.socket.write(Buffer.concat([head, mask, masked]));
  }

  /** What has come so far: texts of whole text frames, and the code of a close frame. */
  received(): { texts: string[]; closeCode: number | undefined } {
    const texts: string[] = [];
    let closeCode: number | undefined;
    let at = 0;
    while (this.#bytes.length - at >= 2) {
      const frame = frameAt(this.#bytes, at);
      if (frame === undefined) break;
      if (frame.opcode === 0x1) texts.push(frame.payload.toString('utf8'));
      if (frame.opcode === 0x8) closeCode = frame.payload.readUInt16BE(0);
      at = frame.end;
    }
    return { texts, closeCode };
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly end: number;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  const headLength = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + headLength) return undefined;
  let length = short;
  if (short === 126) length = bytes.readUInt16BE(at + 2);
  else if (short === 127) length = Number(bytes.readBigUInt64BE(at + 2));
  const end = at + headLength + length;
  if (bytes.length < end) return undefined;
  const opcode = (bytes[at] ?? 0) & 0x0f;
  return { opcode, payload: bytes.subarray(at + headLength, end), end };
}
