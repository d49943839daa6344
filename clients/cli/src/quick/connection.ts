import { connect, type Socket } from 'node:net';
import { notifications, requests } from '@goald/protocol';
import type { Requester } from '../goals/requester.js';
import { CLI_VERSION } from '../version.js';
import { encodeText, FrameReader } from './frames.js';

/** The daemon did not answer as expected. */
class QuickConnectionError extends Error {
  override readonly name = 'QuickConnectionError';
}

export interface QuickConnection extends Requester {
  /** What the daemon said of itself, unchecked; null when it refused. */
  readonly greeting: Promise<{ readonly storeNotice?: string | null | undefined } | null>;
  close(): void;
  /** Leaves the connection to the end of the process, which closes it in less time. */
  leave(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const TIMEOUT_MS = 2000;
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  // Any 16 bytes: it is there to fool no cache, and there is none on a Unix socket.
  'Sec-WebSocket-Key: Z29hbGQgc3RhdHVzIG5vdw==',
  '\r\n',
].join('\r\n');

/**
 * A WebSocket to the daemon with nothing but Node's own modules, introduced. Results are taken as they come, unchecked. Requests
 * reject when anything is not as expected or takes two seconds.
 *
 * Nothing is waited for: the upgrade, the introduction and the requests made in the same tick leave in one write, and the daemon
 * takes them in this order.
 */
export function openQuickConnection(socketPath: string): QuickConnection {
  return new SocketConnection(connect(socketPath));
}

class SocketConnection implements QuickConnection {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  #head: string | null = '';
  #lastId = 0;
  greeting: QuickConnection['greeting'] = Promise.resolve(null);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(TIMEOUT_MS, () => {
      this.#fail('no answer in time');
    });
    socket.on('error', (error) => {
      this.#fail(error.message);
    });
    socket.on('close', () => {
      this.#fail('the connection was closed');
    });
    socket.on('data', (bytes) => {
      try {
        this.#take(bytes);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    });
    socket.cork();
    process.nextTick(() => {
      socket.uncork();
    });
    socket.write(UPGRADE);
    this.#introduce();
  }

  request: Requester['request'] = (message, params) => {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method: message.method, params });
    });
  };

  close(): void {
    this.#socket.destroy();
  }

  leave(): void {
    this.#socket.unref();
  }

  #introduce(): void {
    const clientInfo = { name: 'goal-cli', title: 'goal', version: CLI_VERSION };
    // Refused, it makes the daemon refuse what follows, too.
    this.greeting = this.request(requests.initialize, { clientInfo }).catch(() => null);
    this.#send({ method: notifications.initialized.method });
  }

  #send(message: object): void {
    this.#socket.write(encodeText(JSON.stringify({ jsonrpc: '2.0', ...message })));
  }

  #take(bytes: Buffer): void {
    if (this.#head === null) {
      for (const text of this.#frames.push(bytes)) this.#answered(text);
      return;
    }
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!this.#head.startsWith('HTTP/1.1 101 ')) throw new QuickConnectionError('no WebSocket');
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    this.#head = null;
    this.#take(rest);
  }

  #answered(text: string): void {
    const message = JSON.parse(text) as { id?: number; result?: unknown };
    const waiting = this.#waiting.get(message.id ?? 0);
    // Notifications come, too.
    if (waiting === undefined) return;
    this.#waiting.delete(message.id ?? 0);
    if (message.result === undefined) waiting.reject(new QuickConnectionError('refused'));
    else waiting.resolve(message.result);
  }

  #fail(reason: string): void {
    const error = new QuickConnectionError(reason);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#socket.destroy();
  }
}
