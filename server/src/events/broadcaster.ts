import type { Committed } from '../store/outgoing.js';

/** Where serialised notifications go. The same text serves every client. */
export interface NotificationSink {
  /** Much is to come: let it leave together at the end of the tick. */
  cork(): void;
  broadcast(method: string, text: string): void;
  toThread(threadId: string, method: string, text: string): void;
  /** To those of a thread that ask a person. */
  toPeople(threadId: string, method: string, text: string): void;
}

export interface BroadcasterOptions {
  readonly sink: NotificationSink;
  readonly now: () => number;
}

/** A notification as it travels: the text made once for all who get it. */
export function notificationText(method: string, params: object, nowMs: number): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, emittedAtMs: nowMs } });
}

/** A request to a client as it travels. */
export function requestText(method: string, id: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** Sends what was committed to the clients it is for, serialised once. */
export class Broadcaster {
  readonly #options: BroadcasterOptions;

  constructor(options: BroadcasterOptions) {
    this.#options = options;
  }

  send(committed: Committed): void {
    const { sink, now } = this.#options;
    if (committed.outgoing.length > 1) sink.cork();
    for (const { method, params, audience, requestId } of committed.outgoing) {
      const text =
        requestId === undefined
          ? notificationText(method, params, now())
          : requestText(method, requestId, params);
      switch (audience.to) {
        case 'all':
          sink.broadcast(method, text);
          break;
        case 'thread':
          sink.toThread(audience.threadId, method, text);
          break;
        case 'people':
          sink.toPeople(audience.threadId, method, text);
      }
    }
  }
}
