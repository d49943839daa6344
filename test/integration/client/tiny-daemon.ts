import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  ERROR_CODES,
  type ErrorCode,
  type GoalEvent,
  notifications,
  requests,
} from '@goald/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import * as z from 'zod';

const messageSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type Incoming = z.infer<typeof messageSchema>;

const replySchema = z.object({
  id: z.union([z.string(), z.number()]),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/** An answer: a result, an error, or nothing at all. */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: { code: ErrorCode; message: string; data?: Record<string, unknown> } }
  | 'silence';

export interface Peer {
  readonly socket: WebSocket;
  readonly subscriptions: Map<string, { threadIds: readonly string[] | null }>;
}

/**
 * The wire side of a daemon over a real socket: initialize, event subscriptions with backfill, idempotent mutations. What a test wants
 * answered beyond that it says in `handlers`. The event log outlives `close`, so a daemon that restarts is `close` and `listen`.
 */
export class TinyDaemon {
  readonly events: GoalEvent[] = [];
  readonly received: Incoming[] = [];
  /** What clients answered to requests of this daemon. */
  readonly replies: z.infer<typeof replySchema>[] = [];
  readonly handlers = new Map<string, (message: Incoming, peer: Peer) => Answer>();
  /** Mutations that took effect, by idempotency key. */
  readonly effects = new Map<string, unknown>();
  storeEpoch = 'epoch-1';
  firstSeq = 1;
  /** Asked before each frame is sent; true: the connection is torn down instead. */
  dropInstead: (text: string) => boolean = () => false;
  token: string | null = null;
  readonly #peers = new Set<Peer>();
  #server: Server | null = null;
  #subscriptions = 0;

  async listen(where: { path: string } | { port: number }): Promise<number> {
    const server = createServer((request, response) => {
      response.end(request.url === '/healthz' ? 'ok\n' : 'ready\n');
    });
    const webSockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (ws) => {
        this.#accept(ws);
      });
    });
    server.listen('path' in where ? where : { host: '127.0.0.1', ...where });
    await once(server, 'listening');
    this.#server = server;
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#peers.size;
  }

  /** Appends an event to the log and sends it to whoever subscribed. */
  emit(threadId: string | null = null): GoalEvent {
    const event: GoalEvent = {
      seq: this.events.length + 1,
      atMs: Date.now(),
      type: 'goal.progress',
      threadId,
      goalId: null,
      turnId: null,
      revision: null,
      data: { summary: `event ${String(this.events.length + 1)}` },
    };
    this.events.push(event);
    for (const peer of [...this.#peers]) {
      for (const [subscriptionId, filter] of peer.subscriptions) {
        if (wanted(event, filter.threadIds)) this.#sendEvent(peer, subscriptionId, event);
      }
    }
    return event;
  }

  askAll(id: string, method: string, params: object): void {
    for (const peer of [...this.#peers]) this.#send(peer, { id, method, params });
  }

  notifyAll(method: string, params: object): void {
    for (const peer of [...this.#peers]) this.#send(peer, { method, params });
  }

  send(peer: Peer, message: object): void {
    this.#send(peer, message);
  }

  dropAll(): void {
    for (const { socket } of [...this.#peers]) socket.terminate();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const { socket } of [...this.#peers]) socket.close(1001);
    server?.close();
    if (server !== null) await once(server, 'close');
  }

  #accept(socket: WebSocket): void {
    const peer: Peer = { socket, subscriptions: new Map() };
    this.#peers.add(peer);
    socket.on('close', () => this.#peers.delete(peer));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString('utf8'));
      const call = messageSchema.safeParse(message);
      if (call.success) this.#handle(peer, call.data);
      else this.replies.push(replySchema.parse(message));
    });
  }

  #handle(peer: Peer, message: Incoming): void {
    this.received.push(message);
    if (message.id === undefined) return;
    const answer = this.#answer(peer, message);
    if (answer === 'silence') return;
    if ('error' in answer) {
      const { code, message: text, data } = answer.error;
      const error = { code: ERROR_CODES[code], message: text, data: { ...data, code } };
      this.#send(peer, { id: message.id, error });
    } else {
      this.#send(peer, { id: message.id, result: answer.result });
    }
    if (message.method === requests.goalSubscribe.method && 'result' in answer) {
      this.#backfill(peer, message, answer.result);
    }
  }

  #answer(peer: Peer, message: Incoming): Answer {
    const handler = this.handlers.get(message.method);
    if (handler !== undefined) return handler(message, peer);
    switch (message.method) {
      case requests.initialize.method:
        return { result: this.#greeting() };
      case requests.goalSubscribe.method:
        return this.#subscribe(message);
      case requests.goalUnsubscribe.method:
        peer.subscriptions.delete(String(message.params?.['subscriptionId']));
        return { result: {} };
      case requests.threadNameSet.method: {
        const key = String(message.params?.['idempotencyKey']);
        if (!this.effects.has(key)) this.effects.set(key, message.params?.['name']);
        return { result: {} };
      }
      default:
        return { error: { code: 'method_not_found', message: `no ${message.method} here` } };
    }
  }

  #greeting(): z.infer<typeof requests.initialize.result> {
    return {
      userAgent: 'tiny/1',
      codexHome: '/nowhere',
      platformFamily: 'unix',
      platformOs: 'linux',
      serverInfo: { name: 'tiny', version: '1.0.0', protocolVersion: '1.0.0' },
      storeEpoch: this.storeEpoch,
      headSeq: this.events.length,
    };
  }

  #subscribe(message: Incoming): Answer {
    const params = requests.goalSubscribe.params.parse(message.params ?? {});
    if (params.storeEpoch != null && params.storeEpoch !== this.storeEpoch) {
      const data = { storeEpoch: this.storeEpoch };
      return { error: { code: 'epoch_changed', message: 'another store', data } };
    }
    if (params.sinceSeq != null && params.sinceSeq + 1 < this.firstSeq) {
      const data = { firstSeq: this.firstSeq };
      return { error: { code: 'cursor_expired', message: 'too old', data } };
    }
    this.#subscriptions += 1;
    const subscriptionId = `sub-${String(this.#subscriptions)}`;
    const headSeq = this.events.length;
    return { result: { subscriptionId, headSeq, storeEpoch: this.storeEpoch } };
  }

  #backfill(peer: Peer, message: Incoming, result: unknown): void {
    const { subscriptionId, headSeq } = requests.goalSubscribe.result.parse(result);
    const params = requests.goalSubscribe.params.parse(message.params ?? {});
    const threadIds = params.threadIds ?? null;
    for (const event of this.events.slice(params.sinceSeq ?? headSeq)) {
      if (wanted(event, threadIds)) this.#sendEvent(peer, subscriptionId, event);
    }
    peer.subscriptions.set(subscriptionId, { threadIds });
  }

  #sendEvent(peer: Peer, subscriptionId: string, event: GoalEvent): void {
    const params = { ...event, subscriptionId, emittedAtMs: Date.now() };
    this.#send(peer, { method: notifications.goalEvent.method, params });
  }

  #send(peer: Peer, message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    if (this.dropInstead(text)) peer.socket.terminate();
    else if (peer.socket.readyState === peer.socket.OPEN) peer.socket.send(text);
  }
}

function wanted(event: GoalEvent, threadIds: readonly string[] | null): boolean {
  return threadIds === null || (event.threadId !== null && threadIds.includes(event.threadId));
}
