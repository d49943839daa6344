import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  Message,
  type MessageConnection,
  type RequestMessage,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { WebSocket } from 'ws';
import { orAborted } from './delay.js';
import { Emitter } from './emitter.js';
import { GoaldError } from './errors.js';
import { SocketReader, SocketWriter } from './socket-messages.js';
import { errorFromWire } from './wire-error.js';

/** How a session ended: the WebSocket's close code (1006: without a goodbye) and reason. */
export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
}

export interface WireNotification {
  readonly method: string;
  readonly params: unknown;
}

/** A request of the daemon. */
export interface WireRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: unknown;
}

interface WireError {
  readonly code: number;
  readonly message: string;
}

/** One JSON-RPC conversation over one open socket. It never comes back: a lost session is replaced by a new one. */
export class Session implements Disposable {
  readonly #socket: WebSocket;
  readonly #connection: MessageConnection;
  readonly #notifications = new Emitter<WireNotification>();
  readonly #reader: SocketReader;
  readonly #writer: SocketWriter;
  readonly #requests = new Emitter<WireRequest>();
  #handled = 0;
  #end: SessionEnd | null = null;
  #resolveClosed: (end: SessionEnd) => void = () => undefined;
  /** Resolves, never rejects, when the socket is closed and all that came over it was handled. */
  readonly closed: Promise<SessionEnd>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#reader = new SocketReader(socket);
    this.#writer = new SocketWriter(socket);
    this.#connection = createMessageConnection(this.#reader, this.#writer, undefined, {
      messageStrategy: {
        handleMessage: (message, next) => {
          this.#handled += 1;
          // vscode-jsonrpc would not tell the id of a request, under which others can answer it, too.
          if (Message.isRequest(message)) this.#hear(message);
          else void next(message);
          this.#settle();
        },
      },
    });
    this.#connection.onNotification((method, params) => {
      this.#notifications.emit({ method, params });
    });
    this.#connection.listen();
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.once('close', (code, reason) => {
      this.#end = { code, reason: reason.toString('utf8') };
      this.#settle();
    });
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  /** Hears every notification, in the order of the wire and after the responses that came before it. */
  onNotification(listener: (notification: WireNotification) => void): Disposable {
    return this.#notifications.on(listener);
  }

  /** Hears every request of the daemon. Each is to be answered by `reply` or `fail`. */
  onRequest(listener: (request: WireRequest) => void): Disposable {
    return this.#requests.on(listener);
  }

  /** Answers a request of the daemon. On a session that has ended nothing happens. */
  reply(id: WireRequest['id'], result: unknown): void {
    this.#write({ id, result });
  }

  /** Answers a request of the daemon with an error. */
  fail(id: WireRequest['id'], error: WireError): void {
    this.#write({ id, error });
  }

  /** Rejects with GoaldError (`connection_lost` when the session ends first) or with the signal's reason. */
  async request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#end !== null) throw this.#lost();
    const cancellation = new CancellationTokenSource();
    const cancel = (): void => {
      cancellation.cancel();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const answer = this.#connection.sendRequest<unknown>(method, params, cancellation.token);
      return await orAborted(answer, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#translate(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancellation.dispose();
    }
  }

  async notify(method: string, params: unknown): Promise<void> {
    try {
      await this.#connection.sendNotification(method, params);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** Says goodbye; the socket is torn down if the daemon does not answer that. */
  async close(): Promise<void> {
    if (this.#end !== null) return;
    this.#socket.close(1000);
    const timer = setTimeout(() => {
      this.#socket.terminate();
    }, 1000);
    await this.closed;
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #hear({ id, method, params }: RequestMessage): void {
    // JSON-RPC knows requests without an id no more than with a null one: neither can be answered.
    if (id !== null) this.#requests.emit({ id, method, params });
  }

  #write(
    answer:
      { id: WireRequest['id']; result: unknown } | { id: WireRequest['id']; error: WireError },
  ): void {
    if (this.#end !== null) return;
    const message = { jsonrpc: '2.0', ...answer };
    // A socket that ends meanwhile is noticed by its end.
    this.#writer.write(message).catch(() => undefined);
  }

  // Messages wait in a queue of the connection, which disposing would throw away.
  #settle(): void {
    if (this.#end === null || this.#handled < this.#reader.received) return;
    this.#connection.dispose();
    this.#resolveClosed(this.#end);
  }

  #translate(error: unknown): Error {
    if (error instanceof ResponseError) {
      const { code } = error;
      const local =
        code === ErrorCodes.PendingResponseRejected || code === ErrorCodes.MessageWriteError;
      return local ? this.#lost() : errorFromWire(code, error.message, error.data);
    }
    if (this.#end !== null || this.#socket.readyState !== this.#socket.OPEN) return this.#lost();
    return error instanceof Error ? error : new Error(String(error));
  }

  #lost(): GoaldError {
    const why = this.#end === null ? '' : ` (code ${String(this.#end.code)})`;
    return new GoaldError('connection_lost', `The connection to the daemon was lost${why}.`);
  }
}
