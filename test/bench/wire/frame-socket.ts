import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;
const FINAL = 0x80;
const MASKED = 0x80;
/** Masking with zeros changes nothing, so the payload needs no second pass here; the server unmasks all the same. */
const MASK = Buffer.alloc(4);
const HEAD_END = '\r\n\r\n';

export interface Endpoint {
  /** Where to connect: a port of 127.0.0.1, or the path of a Unix socket. */
  readonly address: { readonly port: number } | { readonly path: string };
  /** Bearer token, when the server asks for one. */
  readonly token?: string | undefined;
}

/** A WebSocket client that does as little as it can, so that the server is what is measured. */
export class FrameSocket implements Disposable {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #onText: (text: Buffer) => void = () => undefined;
  #onClose: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects and upgrades. Throws what the connection throws, and when the server refuses. */
  static async connect(endpoint: Endpoint): Promise<FrameSocket> {
    const options: NetConnectOpts =
      'path' in endpoint.address
        ? { path: endpoint.address.path }
        : { host: '127.0.0.1', port: endpoint.address.port, noDelay: true };
    const socket = connect(options);
    await once(socket, 'connect');
    const frames = new FrameSocket(socket);
    const rest = await upgrade(socket, endpoint);
    socket.on('data', (data: Buffer) => {
      frames.#receive(data);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      frames.#onClose();
    });
    if (rest.length > 0) frames.#receive(rest);
    return frames;
  }

  /** The buffer is only good during the call. */
  onText(listener: (text: Buffer) => void): void {
    this.#onText = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  send(text: string): void {
    this.#write(OPCODE.text, Buffer.from(text));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const wide = length > 125;
    if (length > 0xffff) throw new Error('The benchmark sends nothing this long.');
    const head = Buffer.alloc(wide ? 4 : 2);
    head[0] = FINAL | opcode;
    head[1] = MASKED | (wide ? 126 : length);
    if (wide) head.writeUInt16BE(length, 2);
    this.#socket.write(Buffer.concat([head, MASK, payload]));
  }

  #receive(data: Buffer): void {
    let bytes = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    for (let frame = readFrame(bytes); frame !== null; frame = readFrame(bytes)) {
      bytes = bytes.subarray(frame.end);
      if (frame.opcode === OPCODE.text) this.#onText(frame.payload);
      else if (frame.opcode === OPCODE.ping) this.#write(OPCODE.pong, frame.payload);
      else if (frame.opcode === OPCODE.close) this.#socket.end();
    }
    this.#pending = bytes;
  }
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly end: number;
}

/** The first whole frame, or null while it is not there. */
function readFrame(bytes: Buffer): Frame | null {
  if (bytes.length < 2) return null;
  const first = bytes.readUInt8(0);
  if ((first & FINAL) === 0) throw new Error('The benchmark does not read fragmented messages.');
  const short = bytes.readUInt8(1);
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const length =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  const end = start + length;
  if (bytes.length < end) return null;
  return { opcode: first & 0x0f, payload: bytes.subarray(start, end), end };
}

/** Sends the upgrade and answers what came after its response. */
async function upgrade(socket: Socket, { token }: Endpoint): Promise<Buffer> {
  const lines = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  socket.write(lines.join('\r\n') + HEAD_END);
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (act: () => void): void => {
      socket.off('data', onData);
      socket.off('close', onClose);
      act();
    };
    const onClose = (): void => {
      settle(() => {
        reject(new Error('The server closed the connection before the upgrade.'));
      });
    };
    const onData = (data: Buffer): void => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      const status = head.toString('latin1', 0, head.indexOf('\r\n'));
      settle(() => {
        if (status.startsWith('HTTP/1.1 101')) resolve(head.subarray(end + HEAD_END.length));
        else reject(new Error(`The server refused the upgrade: ${status}`));
      });
    };
    socket.on('data', onData);
    socket.on('close', onClose);
  });
}
