import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import * as z from 'zod';
import type { Recorded } from './recorded.js';

/** Where what the daemons of a test run say is written down; none: nothing is. */
export const RECORD_VARIABLE = 'GOALD_RECORD_WIRE';

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly params?: unknown;
}

/**
 * Listens at every WebSocket that a test opens as a client, and writes each message of the server down: one JSON line for
 * every content that differs. Answers are told apart by the request they belong to.
 */
export function recordWire(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${String(process.pid)}.jsonl`);
  const known = new Set<string>();
  const write = (message: Recorded): void => {
    const line = JSON.stringify(message);
    const digest = createHash('sha1').update(line).digest('base64');
    if (known.has(digest)) return;
    known.add(digest);
    appendFileSync(file, `${line}\n`);
  };
  const asked = new WeakMap<WebSocket, Map<string, string>>();
  tapSends((socket, message) => {
    if (message.method === undefined || message.id === undefined) return;
    const methods = asked.get(socket) ?? new Map<string, string>();
    asked.set(socket, methods.set(JSON.stringify(message.id), message.method));
  });
  const others = new WeakSet<WebSocket>();
  tapMessages((socket, message) => {
    const { id, method, params, result, error } = message;
    // A test that plays a server says whatever it likes.
    if (isOther(result)) others.add(socket);
    if (others.has(socket)) return;
    if (method !== undefined) {
      write({ kind: id === undefined ? 'notification' : 'request', method, body: params });
      return;
    }
    const of = asked.get(socket)?.get(JSON.stringify(id));
    if (of === undefined) return;
    if (error === undefined) write({ kind: 'response', method: of, body: result });
    else write({ kind: 'error', method: of, body: error });
  });
}

/** Whether an answer to `initialize` is of another server than goald. */
function isOther(result: unknown): boolean {
  const { serverInfo } = initializeAnswer.safeParse(result).data ?? {};
  return serverInfo !== undefined && serverInfo.name !== 'goald';
}

const initializeAnswer = z.object({ serverInfo: z.object({ name: z.string() }) });

type Tap = (socket: WebSocket, message: Message) => void;

/** Only a client's socket knows the address it was opened with. */
const isClient = (socket: WebSocket): boolean =>
  typeof socket.url === 'string' && socket.url !== '';

function tapSends(tap: Tap): void {
  const send = Reflect.get(WebSocket.prototype, 'send') as (
    this: WebSocket,
    ...args: unknown[]
  ) => void;
  WebSocket.prototype.send = function (this: WebSocket, ...args: unknown[]): void {
    if (isClient(this))
      parsed(args[0], (message) => {
        tap(this, message);
      });
    send.apply(this, args);
  } as WebSocket['send'];
}

function tapMessages(tap: Tap): void {
  const emit = Reflect.get(WebSocket.prototype, 'emit') as (
    this: WebSocket,
    ...args: unknown[]
  ) => boolean;
  WebSocket.prototype.emit = function (this: WebSocket, ...args: unknown[]): boolean {
    if (args[0] === 'message' && isClient(this))
      parsed(args[1], (message) => {
        tap(this, message);
      });
    return emit.apply(this, args);
  } as WebSocket['emit'];
}

/** What is no JSON is a test's own doing, and nothing of the daemon's. */
function parsed(data: unknown, use: (message: Message) => void): void {
  if (typeof data !== 'string' && !Buffer.isBuffer(data)) return;
  let message: unknown;
  try {
    message = JSON.parse(data.toString());
  } catch {
    return;
  }
  if (typeof message === 'object' && message !== null) use(message);
}
