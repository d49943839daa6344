import {
  findNotification,
  findRequest,
  findServerRequest,
  notifications,
  requests,
  type ClientCapabilities,
  type NotificationMessage,
  type ParamsInput,
  type ParamsOf,
  type RequestMessage,
  type ResultOf,
} from '@goald/protocol';
import { WebSocket } from 'ws';
import { eventually } from '../eventually.js';

export interface Received {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** A request of the daemon. */
export interface Asked<Params> {
  readonly id: string;
  readonly params: Params;
}

/** An error as it came over the wire. */
class WireError extends Error {
  readonly rpcCode: number;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(error: { code: number; message: string; data?: Record<string, unknown> }) {
    super(error.message);
    this.rpcCode = error.code;
    this.data = error.data ?? {};
  }
}

interface Waiting {
  readonly message: RequestMessage;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A bare client for tests: it writes down everything it gets, in order, and holds each message against the protocol. */
export class RpcClient implements AsyncDisposable {
  /** Notifications and, as `response:<method>`, responses, in the order in which they came. */
  readonly log: Received[] = [];
  /** Requests of the daemon, in the order in which they came. They stand in the log, too. */
  readonly asked: (Received & { readonly id: string })[] = [];
  /** Sees each request of the daemon as it comes. */
  onAsked: (request: Received & { readonly id: string }) => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as Record<string, unknown>);
    });
    socket.on('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('connection closed'));
      this.#waiting.clear();
    });
  }

  /** Connects and initializes. `endpoint` is ws://HOST:PORT or unix://PATH. */
  static async connect(
    endpoint: string,
    token?: string,
    name = 'test',
    capabilities: ClientCapabilities = {},
  ): Promise<RpcClient> {
    const url = endpoint.startsWith('unix://')
      ? `ws+unix:${endpoint.slice('unix://'.length)}:/`
      : endpoint;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers });
    const client = new RpcClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    await client.request(requests.initialize, {
      clientInfo: { name, version: '0' },
      capabilities,
    });
    client.#send({ method: notifications.initialized.method });
    return client;
  }

  request<M extends RequestMessage>(message: M, params: ParamsInput<M>): Promise<ResultOf<M>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<ResultOf<M>>((resolve, reject) => {
      this.#waiting.set(id, {
        message,
        resolve: (result) => {
          resolve(result as ResultOf<M>);
        },
        reject,
      });
      this.#send({ id, method: message.method, params });
    });
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', () => {
        resolve();
      });
    });
  }

  /** Answers a request of the daemon. */
  answer(id: string, result: unknown): void {
    this.#send({ id, result });
  }

  /** Answers a request of the daemon with an error. */
  fail(id: string): void {
    this.#send({ id, error: { code: -32601, message: 'no such method' } });
  }

  /** The first request of the daemon that fits, come already or still to come. */
  async untilAsked<M extends RequestMessage>(
    message: M,
    fits: (params: ParamsOf<M>, id: string) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<Asked<ParamsOf<M>>> {
    return eventually(
      message.method,
      () =>
        this.asked
          .filter(({ method }) => method === message.method)
          .map(({ id, params }) => ({ id, params: params as ParamsOf<M> }))
          .find(({ id, params }) => fits(params, id)),
      timeoutMs,
    );
  }

  /** Everything of one notification that came so far. */
  all<M extends NotificationMessage>(message: M): ParamsOf<M>[] {
    return this.log
      .filter((received) => received.method === message.method)
      .map((received) => received.params as ParamsOf<M>);
  }

  /** The first notification that fits, come already or still to come. */
  async until<M extends NotificationMessage>(
    message: M,
    fits: (params: ParamsOf<M>) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<ParamsOf<M>> {
    const found = await eventually(
      message.method,
      () => {
        const match = this.all(message).find(fits);
        return match === undefined ? null : { match };
      },
      timeoutMs,
    );
    return found.match;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.terminate();
    await closed;
  }

  #takeRequest(id: string, method: string, params: unknown): void {
    const definition = findServerRequest(method);
    if (definition === undefined) throw new Error(`Unknown request ${method}`);
    definition.params.parse(params);
    const request = { id, method, params: params as Received['params'] };
    this.log.push(request);
    this.asked.push(request);
    this.onAsked(request);
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  #take(message: Record<string, unknown>): void {
    if (typeof message['method'] === 'string') {
      if (typeof message['id'] === 'string') {
        this.#takeRequest(message['id'], message['method'], message['params']);
        return;
      }
      const definition = findNotification(message['method']);
      if (definition === undefined) throw new Error(`Unknown notification ${message['method']}`);
      definition.params.parse(message['params']);
      this.log.push({ method: message['method'], params: message['params'] as Received['params'] });
      return;
    }
    const waiting = this.#waiting.get(Number(message['id']));
    if (waiting === undefined) throw new Error(`A response to nothing: ${JSON.stringify(message)}`);
    this.#waiting.delete(Number(message['id']));
    this.log.push({
      method: `response:${waiting.message.method}`,
      params: (message['result'] ?? {}) as Received['params'],
    });
    if (message['error'] !== undefined) {
      waiting.reject(new WireError(message['error'] as ConstructorParameters<typeof WireError>[0]));
      return;
    }
    findRequest(waiting.message.method)?.result.parse(message['result']);
    waiting.resolve(message['result']);
  }
}
