import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

/** One message between client and server. */
export interface Frame {
  readonly from: 'client' | 'server';
  readonly connection: number;
  readonly atMs: number;
  readonly message: Readonly<Record<string, unknown>>;
}

/** Stands between clients and a server on TCP, passes everything on, and keeps what was said. */
export class WireTap implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly url: string;
  readonly #server: WebSocketServer;
  #connections = 0;

  private constructor(server: WebSocketServer, target: string) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    server.on('connection', (client, request) => {
      const { authorization } = request.headers;
      const headers = authorization === undefined ? {} : { authorization };
      this.#join(client, new WebSocket(target, { headers }));
    });
  }

  static async open(target: string): Promise<WireTap> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new WireTap(server, target);
  }

  /** Methods a client asked for, with how each was answered: 'ok', or the error's message. */
  asked(): { method: string; answer: string }[] {
    return this.frames.flatMap(({ from, connection, message }) => {
      const { id, method } = message;
      if (from !== 'client' || typeof method !== 'string' || id === undefined) return [];
      const answer = this.frames.find(
        (frame) =>
          frame.from === 'server' && frame.connection === connection && frame.message['id'] === id,
      )?.message;
      const error = answer?.['error'] as { message?: string } | undefined;
      return [{ method, answer: answer === undefined ? 'none' : (error?.message ?? 'ok') }];
    });
  }

  #join(client: WebSocket, server: WebSocket): void {
    this.#connections += 1;
    const connection = this.#connections;
    const waiting: string[] = [];
    client.on('message', (data) => {
      const text = textOf(data);
      this.#keep('client', connection, text);
      if (server.readyState === WebSocket.OPEN) server.send(text);
      else waiting.push(text);
    });
    server.on('open', () => {
      for (const text of waiting.splice(0)) server.send(text);
    });
    server.on('message', (data) => {
      const text = textOf(data);
      this.#keep('server', connection, text);
      client.send(text);
    });
    const end = (): void => {
      client.close();
      server.close();
    };
    for (const socket of [client, server]) {
      socket.on('close', end);
      socket.on('error', end);
    }
  }

  #keep(from: Frame['from'], connection: number, text: string): void {
    const message = JSON.parse(text) as Frame['message'];
    this.frames.push({ from, connection, atMs: Date.now(), message });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

function textOf(data: RawData): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)).toString('utf8');
}
