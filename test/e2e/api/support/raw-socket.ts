import { WebSocket } from 'ws';
import { notifications, requests } from '@goald/protocol';
import { eventually } from '../../../helpers/eventually.js';

export type RawMessage = Readonly<Record<string, unknown>>;

/** A socket on which a test writes what it likes, also what the protocol's types forbid. */
export class RawSocket implements AsyncDisposable {
  readonly received: RawMessage[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()) as RawMessage);
    });
  }

  /** Connects to a Unix socket and initializes, with these capabilities. */
  static async open(path: string, capabilities: object = {}): Promise<RawSocket> {
    const socket = new WebSocket(`ws+unix:${path}:/`);
    const raw = new RawSocket(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    const clientInfo = { name: 'raw', version: '0' };
    raw.send({
      id: 'init',
      method: requests.initialize.method,
      params: { clientInfo, capabilities },
    });
    await raw.answer('init');
    raw.send({ method: notifications.initialized.method });
    return raw;
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  answer(id: string): Promise<RawMessage> {
    return eventually(`an answer to ${id}`, () =>
      this.received.find((message) => message['id'] === id && message['method'] === undefined),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.terminate();
    await closed;
  }
}
