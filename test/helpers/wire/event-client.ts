import { notifications, requests } from '@goald/protocol';
import { eventually } from '../eventually.js';
import { SocketWire } from './connections.js';

/** A client cheap enough to have a thousand of: it subscribes to all events and keeps their numbers. */
export class EventClient implements AsyncDisposable {
  /** seq of every event, in the order they came, over all its connections. */
  readonly seqs: number[] = [];
  readonly #endpoint: string;
  readonly #token: string | undefined;
  #wire: SocketWire | undefined;
  #read = 0;

  constructor(endpoint: string, token?: string) {
    this.#endpoint = endpoint;
    this.#token = token;
  }

  get lastSeq(): number {
    this.#take();
    return this.seqs.at(-1) ?? 0;
  }

  /** Connects and goes on behind the last event it has. */
  async attach(): Promise<void> {
    const sinceSeq = this.lastSeq;
    const wire = await SocketWire.open(this.#endpoint, this.#token);
    this.#wire = wire;
    this.#read = 0;
    const clientInfo = { name: 'events', version: '1' };
    const others = Object.values(notifications)
      .map(({ method }): string => method)
      .filter((method) => method !== notifications.goalEvent.method);
    const capabilities = { optOutNotificationMethods: others };
    wire.send(
      JSON.stringify({
        id: 1,
        method: requests.initialize.method,
        params: { clientInfo, capabilities },
      }),
    );
    wire.send(
      JSON.stringify({ id: 2, method: requests.goalSubscribe.method, params: { sinceSeq } }),
    );
    const answer = await eventually('the subscription', () =>
      wire.heard.find((message) => message['id'] === 2),
    );
    if (answer['error'] !== undefined) throw new Error(JSON.stringify(answer['error']));
  }

  /** Goes away without a word. */
  async leave(): Promise<void> {
    await this.#wire?.[Symbol.asyncDispose]();
    this.#take();
    this.#wire = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  #take(): void {
    const heard = this.#wire?.heard ?? [];
    for (; this.#read < heard.length; this.#read += 1) {
      const message = heard[this.#read];
      if (message?.['method'] !== notifications.goalEvent.method) continue;
      this.seqs.push((message['params'] as { seq: number }).seq);
    }
  }
}
