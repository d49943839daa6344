import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, ScriptedReply } from './types.js';

/** How an answer ended. `whole`: the stream was written to its end. */
export type Answered = 'whole' | 'faulted' | 'abandoned';

/** Writes a reply: its events, or what goes wrong with them. `broken` makes the event of a fault inside the stream. */
export async function answer(
  response: ServerResponse,
  reply: ScriptedReply,
  events: readonly string[],
  broken: (fault: Extract<Fault, { kind: 'streamError' | 'malformed' }>) => string,
  signal: AbortSignal,
): Promise<Answered> {
  try {
    if (reply.delayMs !== undefined) await pause(reply.delayMs, undefined, { signal });
    const { fault } = reply;
    if (fault === undefined) return await stream(response, events, reply.pieceDelayMs ?? 0, signal);
    await fail(response, fault, events, broken, signal);
    return 'faulted';
  } catch (error) {
    if (signal.aborted) return 'abandoned';
    throw error;
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
  events: readonly string[],
  broken: (fault: Extract<Fault, { kind: 'streamError' | 'malformed' }>) => string,
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
      await writeBytes(response, events, fault.afterBytes);
      response.destroy();
      return;
    case 'hang':
      if (fault.afterBytes !== undefined) await writeBytes(response, events, fault.afterBytes);
      await gone(signal);
      return;
    case 'streamError':
    case 'malformed':
      begin(response);
      response.end([...events.slice(0, 2), broken(fault)].join(''));
      return;
  }
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
