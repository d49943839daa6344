import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { encodeFrame, StreamDecoder, type Framing } from '@goald/server/transport/framing.js';
import { WebSocket } from 'ws';

const MAIN = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));

/** A message as it came. */
export type Heard = Readonly<Record<string, unknown>>;

/** A way to send whatever one likes and to hear what comes back. */
export interface Wire extends AsyncDisposable {
  /** All that came so far, in order. */
  readonly heard: readonly Heard[];
  send(message: Buffer | string): void;
}

/** A WebSocket to `endpoint`: ws://HOST:PORT or unix://PATH. */
export class SocketWire implements Wire {
  readonly heard: Heard[] = [];
  readonly ws: WebSocket;
  closeCode: number | undefined;
  readonly #waiting = new Map<unknown, (message: Heard) => void>();

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Heard;
      this.heard.push(message);
      this.#waiting.get(message['id'])?.(message);
      this.#waiting.delete(message['id']);
    });
    ws.on('close', (code) => {
      this.closeCode = code;
    });
    ws.on('error', () => undefined);
  }

  static async open(endpoint: string, token?: string): Promise<SocketWire> {
    const unix = endpoint.startsWith('unix://');
    const url = unix ? `ws+unix:${endpoint.slice('unix://'.length)}:/` : endpoint;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const ws = new WebSocket(url, { headers, perMessageDeflate: false });
    const wire = new SocketWire(ws);
    await once(ws, 'open');
    return wire;
  }

  send(message: Buffer | string): void {
    this.ws.send(message, { binary: false });
  }

  /** Sends a request and answers its response. Never, when there is none. */
  ask(id: number, method: string, params: unknown): Promise<Heard> {
    this.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ws.readyState === WebSocket.CLOSED) return;
    const closed = once(this.ws, 'close');
    this.ws.terminate();
    await closed;
  }
}

/** `goald --listen stdio://` as an IDE runs it. */
export class StdioWire implements Wire {
  readonly heard: Heard[] = [];
  readonly #framing: Framing;
  readonly #child: ChildProcess & { readonly stdin: NonNullable<ChildProcess['stdin']> };

  constructor(home: string, framing: Framing) {
    this.#framing = framing;
    const child = spawn(process.execPath, [MAIN, '--home', home, '--listen', 'stdio://'], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    const decoder = new StreamDecoder(100 * 1024 * 1024);
    child.stdout.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) {
        if (frame.kind !== 'message') throw new Error(`goald wrote a frame that is ${frame.kind}`);
        this.heard.push(JSON.parse(frame.bytes.toString('utf8')) as Heard);
      }
    });
  }

  send(message: Buffer | string): void {
    this.write(encodeFrame(this.#framing, Buffer.from(message)));
  }

  /** Bytes as they stand. */
  write(bytes: Buffer | string): void {
    this.#child.stdin.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }
}
