import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
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

/** One JSON-RPC conversation over one open socket. It never comes back: a lost session is replaced by a new one. */
export class Session implements Disposable {
  readonly #socket: WebSocket;
  readonly #connection: MessageConnection;
  readonly #notifications = new Emitter<WireNotification>();
  readonly #reader: SocketReader;
  #handled = 0;
  #end: SessionEnd | null = null;
  #resolveClosed: (end: SessionEnd) => void = () => undefined;
  /** Resolves, never rejects, when the socket is closed and all that came over it was handled. */
  readonly closed: Promise<SessionEnd>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#reader = new SocketReader(socket);
    this.#connection = createMessageConnection(this.#reader, new SocketWriter(socket), undefined, {
      messageStrategy: {
        handleMessage: (message, next) => {
          this.#handled += 1;
          void next(message);
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
