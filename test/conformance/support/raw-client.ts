import { WebSocket } from 'ws';

/** An answer as it came: a result or an error. */
export interface Answer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Heard {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type Message = Answer & Partial<Heard> & { readonly id?: number };

/** A client of either server that checks nothing and keeps what it hears. */
export class RawClient implements AsyncDisposable {
  /** Notifications and answers (`response:<method>`) in the order in which they came. */
  readonly heard: Heard[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { method: string; resolve: (answer: Answer) => void }>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as Message);
    });
  }

  /** Connects to a Unix socket and initializes as an experimental client does. */
  static async connect(path: string): Promise<RawClient> {
    const socket = new WebSocket(`ws+unix:${path}:/`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const client = new RawClient(socket);
    await client.call('initialize', {
      clientInfo: { name: 'conformance', version: '0' },
      capabilities: { experimentalApi: true },
    });
    client.notify('initialized');
    return client;
  }

  call(method: string, params: unknown): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, { method, resolve });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The result. Throws what the server says instead. */
  async result(method: string, params: unknown): Promise<Readonly<Record<string, unknown>>> {
    const { result, error } = await this.call(method, params);
    if (result === undefined) throw new Error(`${method}: ${error?.message ?? 'no answer'}`);
    return result;
  }

  notify(method: string): void {
    this.#socket.send(JSON.stringify({ method }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.terminate();
    await closed;
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (method !== undefined) {
      this.heard.push({ method, params: params ?? {} });
      return;
    }
    const waiting = this.#waiting.get(id ?? -1);
    if (waiting === undefined) return;
    this.#waiting.delete(id ?? -1);
    this.heard.push({ method: `response:${waiting.method}`, params: message.result ?? {} });
    waiting.resolve(message);
  }
}
