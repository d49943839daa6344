import {
  notifications,
  requests,
  type NotificationMessage,
  type ParamsInput,
  type RequestMessage,
} from '@goald/protocol';
import { FrameSocket, type Endpoint } from './frame-socket.js';
import { readHead } from './read-head.js';

type Reply = (text: Buffer, failed: boolean) => void;

/** A JSON-RPC client for both servers: the same code, without checks, on one connection. */
export class Peer implements Disposable {
  readonly #socket: FrameSocket;
  readonly #replies = new Map<number, Reply>();
  readonly #listeners = new Map<string, (text: Buffer) => void>();
  #lastId = 0;

  private constructor(socket: FrameSocket) {
    this.#socket = socket;
    socket.onText((text) => {
      this.#take(text);
    });
    socket.onClose(() => {
      const gone = Buffer.from('{"error":{"message":"the connection was closed"}}');
      for (const reply of this.#replies.values()) reply(gone, true);
      this.#replies.clear();
    });
  }

  /** Connects and initializes. */
  static async connect(endpoint: Endpoint): Promise<Peer> {
    const peer = new Peer(await FrameSocket.connect(endpoint));
    await peer.request(requests.initialize, {
      clientInfo: { name: 'bench', version: '0' },
      capabilities: { experimentalApi: true },
    });
    peer.#socket.send(`{"method":"${notifications.initialized.method}"}`);
    return peer;
  }

  /** Sends a request; `reply` is called once, with bytes that are only good during the call. */
  call<M extends RequestMessage>(message: M, params: ParamsInput<M>, reply: Reply): void {
    this.#lastId += 1;
    this.#replies.set(this.#lastId, reply);
    this.#socket.send(JSON.stringify({ id: this.#lastId, method: message.method, params }));
  }

  /** Sends a request and answers its result, unchecked: the two servers differ in it. */
  request<M extends RequestMessage>(
    message: M,
    params: ParamsInput<M>,
  ): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      this.call(message, params, (text, failed) => {
        const answer = JSON.parse(text.toString()) as {
          result?: Record<string, unknown>;
          error?: { message: string };
        };
        if (failed) reject(new Error(`${message.method}: ${answer.error?.message ?? 'failed'}`));
        else resolve(answer.result ?? {});
      });
    });
  }

  /** One listener for each notification. The bytes are only good during the call. */
  on(message: NotificationMessage, listener: (text: Buffer) => void): void {
    this.#listeners.set(message.method, listener);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #take(text: Buffer): void {
    const head = readHead(text);
    if (head.kind === 'notification') {
      this.#listeners.get(head.method)?.(text);
      return;
    }
    const reply = this.#replies.get(head.id);
    this.#replies.delete(head.id);
    reply?.(text, head.failed);
  }
}
