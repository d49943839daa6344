import { connect } from 'node:net';
import { notifications, requests } from '@goald/protocol';
import { onTestFinished } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { TOKEN, type RpcServer } from './rpc-server.js';
import { until } from './temp-folder.js';

/** A message as it came, fields by name. */
export interface WireMessage {
  readonly jsonrpc?: unknown;
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { code: number; message: string; data: Record<string, unknown> };
}

/** A WebSocket client that sends what a test gives it and keeps what comes. */
export class RawClient {
  readonly received: WireMessage[] = [];
  readonly ws: WebSocket;
  close: { code: number; reason: string } | undefined;
  #taken = 0;
  #lastId = 1_000_000;

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString('utf8')) as WireMessage);
    });
    ws.on('close', (code, reason) => {
      this.close = { code, reason: reason.toString() };
    });
    ws.on('error', () => undefined);
    onTestFinished(() => {
      ws.terminate();
    });
  }

  static async tcp(server: RpcServer): Promise<RawClient> {
    return opened(server.url, { headers: { Authorization: `Bearer ${TOKEN}` } });
  }

  static async unix(server: RpcServer): Promise<RawClient> {
    return opened('ws://localhost/', { createConnection: () => connect(server.socketPath) });
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string | Buffer): void {
    this.ws.send(text, { binary: false });
  }

  /** The next message not yet taken. */
  async next(): Promise<WireMessage> {
    await until(() => this.received.length > this.#taken);
    this.#taken += 1;
    const message = this.received[this.#taken - 1];
    if (message === undefined) throw new Error('unreachable');
    return message;
  }

  /** Sends and answers the response, wherever it stands among the messages; `next` goes on behind it. */
  async request(method: string, params?: unknown): Promise<WireMessage> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send({ id, method, params });
    await until(() => this.received.some((message) => message.id === id));
    const index = this.received.findIndex((message) => message.id === id);
    this.#taken = Math.max(this.#taken, index + 1);
    return this.received[index] ?? {};
  }

  async initialize(capabilities?: Record<string, unknown>): Promise<WireMessage> {
    const answer = await this.request(requests.initialize.method, {
      clientInfo: { name: 'test', version: '1' },
      capabilities,
    });
    this.send({ method: notifications.initialized.method });
    return answer;
  }

  async closed(): Promise<{ code: number; reason: string }> {
    await until(() => this.close !== undefined);
    return this.close ?? { code: 0, reason: '' };
  }
}

async function opened(url: string, options: ClientOptions): Promise<RawClient> {
  const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0, ...options });
  const client = new RawClient(ws);
  await new Promise((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  return client;
}
