import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Json } from './json.js';
import type { Fault, ScriptedReply, StreamFault } from './types.js';

/** How an answer ended. `whole`: the stream was written to its end. */
export type Answered = 'whole' | 'faulted' | 'abandoned';

/** Events of one wire API, for a reply at hand. */
export interface Dialect {
  readonly events: readonly string[];
  error(error: Json): string;
  textPiece(text: string): string;
  callPiece(text: string): string;
}

const PIECE_BYTES = 16_384;

/** Writes a reply: its events, or what goes wrong with them. */
export async function answer(
  response: ServerResponse,
  reply: ScriptedReply,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<Answered> {
  try {
    if (reply.delayMs !== undefined) await pause(reply.delayMs, undefined, { signal });
    const { fault } = reply;
    const events = eventsOf(dialect.events, fault);
    if (events !== null) return await stream(response, events, reply.pieceDelayMs ?? 0, signal);
    if (fault !== undefined) await fail(response, fault, dialect, signal);
    return 'faulted';
  } catch (error) {
    if (signal.aborted) return 'abandoned';
    throw error;
  }
}

/** The events of a stream that is written to its end, or null. */
function eventsOf(events: readonly string[], fault: Fault | undefined): readonly string[] | null {
  switch (fault?.kind) {
    case undefined:
      return events;
    case 'repeat':
      return events.flatMap((event) => [event, event]);
    case 'reorder': {
      const order = [...events];
      for (let at = 1; at + 3 < order.length; at += 2) {
        order.splice(at, 2, order[at + 1] ?? '', order[at] ?? '');
      }
      return order;
    }
    default:
      return null;
  }
}

async function stream(
  response: ServerResponse,
  events: readonly string[],
  pieceDelayMs: number,
  signal: AbortSignal,
): Promise<Answered> {
  begin(response);
  for (const event of events) {
    signal.throwIfAborted();
    response.write(event);
    if (pieceDelayMs > 0) await pause(pieceDelayMs, undefined, { signal });
  }
  response.end();
  return 'whole';
}

async function fail(
  response: ServerResponse,
  fault: Fault,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case 'status': {
      const body = fault.body ?? { error: { message: `status ${String(fault.status)}` } };
      const json = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(json);
      return;
    }
    case 'refuse':
      response.destroy();
      return;
    case 'cut':
      await writeBytes(response, dialect.events, fault.afterBytes);
      if (fault.reset === true) response.socket?.resetAndDestroy();
      else response.destroy();
      return;
    case 'hang':
      if (fault.afterBytes !== undefined) {
        await writeBytes(response, dialect.events, fault.afterBytes);
      }
      await gone(signal);
      return;
    case 'streamError':
    case 'malformed':
      begin(response);
      response.end([...dialect.events.slice(0, 2), broken(fault, dialect)].join(''));
      return;
    case 'flood':
      begin(response);
      await flood(response, fault, dialect, signal);
      return;
    case 'repeat':
    case 'reorder':
      throw new Error('These are no failures of the stream.');
  }
}

function broken(fault: StreamFault, dialect: Dialect): string {
  if (fault.kind === 'streamError') return dialect.error(fault.error);
  return fault.event ?? 'data: {"type": "response.outp\n\n';
}

/** As fast as the client reads. */
async function flood(
  response: ServerResponse,
  fault: Extract<Fault, { kind: 'flood' }>,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<void> {
  const text = 'flood '.repeat(PIECE_BYTES / 6);
  const piece =
    fault.as === 'event'
      ? text
      : fault.as === 'text'
        ? dialect.textPiece(text)
        : dialect.callPiece(text);
  response.write(dialect.events[0] ?? '');
  if (fault.as === 'event') response.write('data: {"type":"flood","text":"');
  for (let bytes = 0; bytes < fault.bytes; bytes += text.length) {
    signal.throwIfAborted();
    if (!response.write(piece)) await once(response, 'drain', { signal });
  }
  response.end(fault.as === 'event' ? '"}\n\n' : dialect.events.slice(1).join(''));
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
}

async function writeBytes(
  response: ServerResponse,
  events: readonly string[],
  count: number,
): Promise<void> {
  begin(response);
  const bytes = Buffer.from(events.join('')).subarray(0, count);
  await new Promise<void>((resolve) => {
    response.write(bytes, () => {
      resolve();
    });
  });
}

function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
