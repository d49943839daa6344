import { findRequest, requests } from '@goald/protocol';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Clock } from '../engine/ports/clock.js';
import { SystemClock } from '../engine/system-clock.js';
import type { MessageChannel } from './message-channel.js';
import { Arrivals } from './arrivals.js';
import { ChannelReader, type IgnoredCounts } from './channel-reader.js';
import { ChannelWriter } from './channel-writer.js';
import { InFlightRequest } from './in-flight-request.js';
import { InFlightTable } from './in-flight-table.js';
import { NotificationHold } from './notification-hold.js';
import { ReadingPace } from './reading-pace.js';
import type { Router } from './router.js';
import { Session, type Outlet } from './session.js';
import { SlowReaderGuard } from './slow-reader.js';

/** One client: JSON-RPC over its channel, from the first message to the close. Made in the tick in which the channel is handed over. */
export class RpcConnection implements Outlet {
  readonly session: Session;
  /** Resolves, with the reason, when the channel is closed and all that the session owned is disposed. */
  readonly closed: Promise<string>;
  readonly #channel: MessageChannel;
  readonly #router: Router;
  readonly #inFlight = new InFlightTable();
  readonly #hold: NotificationHold;
  readonly #guard: SlowReaderGuard;
  readonly #reader: ChannelReader;
  readonly #rpc: MessageConnection;

  constructor(channel: MessageChannel, router: Router, clock: Clock = new SystemClock()) {
    this.#channel = channel;
    this.#router = router;
    this.session = new Session(channel, this);
    this.#hold = new NotificationHold((data) => {
      channel.send(data);
    });
    this.#guard = new SlowReaderGuard(this, clock);
    const pace = new ReadingPace(channel);
    const arrivals = new Arrivals();
    this.#reader = new ChannelReader(
      channel,
      this.session,
      this.#inFlight,
      pace,
      arrivals,
      (response) => router.answered(this.session, response),
    );
    const writer = new ChannelWriter(channel, this.#inFlight, router.funnel, pace);
    this.#rpc = createMessageConnection(this.#reader, writer, undefined, {
      messageStrategy: arrivals,
    });
    this.#rpc.onRequest((_method, params) => this.#handle(params));
    this.closed = new Promise((resolve, reject) => {
      channel.onClose((reason) => {
        this.#dispose().then(() => {
          resolve(reason);
        }, reject);
      });
    });
    this.#rpc.listen();
  }

  /** What this client sent that was ignored. */
  get ignored(): Readonly<IgnoredCounts> {
    return this.#reader.ignored;
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedBytes + this.#hold.bytes;
  }

  notify(data: string | Buffer, method: string): void {
    if (this.session.closed || !this.session.wants(method) || !this.#guard.admits(method)) return;
    this.#hold.push(data);
    this.#guard.queued(Buffer.byteLength(data));
  }

  /** What this client is sent from here to the end of the tick leaves in one write. */
  cork(): void {
    this.#channel.cork();
  }

  async drained(): Promise<void> {
    await this.#hold.drained();
    await this.#channel.drained();
  }

  close(code: number, reason: string): void {
    this.#channel.close(code, reason);
  }

  #handle(params: unknown): Promise<unknown> {
    if (!(params instanceof InFlightRequest)) {
      throw new TypeError('A request came past the reader of its connection.');
    }
    if (respondsFirst(params.method)) {
      const hold = this.#hold.hold();
      params.afterResponse(() => {
        this.#hold.release(hold);
      });
    }
    return this.#router.dispatch(params, params.params, () => params.aborted);
  }

  async #dispose(): Promise<void> {
    this.#rpc.dispose();
    this.#hold.clear();
    const disposed = this.session[Symbol.asyncDispose]();
    this.#inFlight.abandon();
    await disposed;
  }
}

/** True for requests whose response goes before the notifications they cause: mutations, and what opens a stream of notifications. */
function respondsFirst(method: string): boolean {
  const message = findRequest(method);
  if (message === undefined) return false;
  return message.mutation || message === requests.initialize || message === requests.goalSubscribe;
}
