import { notifications, type EventType, type GoalEvent } from '@goald/protocol';
import type { EventRepository } from '../store/repositories/events.js';
import { eventHead, OutgoingEvent } from './event-bytes.js';

const PAGE = 200;

/** Above this many bytes waiting for its client, live events stay in the store until the client has drained. */
const LIVE_BYTES = 8 * 1024 * 1024;

/** The same during the backfill, which can wait without falling behind. */
const BACKFILL_BYTES = 64 * 1024;

/** The connection a subscription writes to. */
export interface SubscriberPort {
  /** `data` must not be changed afterwards. */
  notify(data: string | Buffer, method: string): void;
  /** All bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Resolves when the connection can take more, or is closed. */
  drained(): Promise<void>;
  readonly closed: boolean;
}

export interface SubscriptionOptions {
  readonly id: string;
  readonly events: EventRepository;
  readonly subscriber: SubscriberPort;
  readonly now: () => number;
  readonly threadIds: readonly string[] | undefined;
  readonly types: readonly EventType[] | undefined;
  /** Everything after this seq is delivered. */
  readonly sinceSeq: number;
}

/**
 * One client's view of the event log: backfill from the store, then live, each event once and in order. The cut-over is safe because
 * the last page is read and the switch is made in the same tick, in which nothing can commit. A client that falls behind is given
 * the backfill again.
 */
export class EventSubscription {
  readonly id: string;
  readonly #options: SubscriptionOptions;
  readonly #head: Buffer;
  readonly #threadIds: ReadonlySet<string> | undefined;
  #cursor: number;
  /** Called when live events no longer go out as they come; undefined during the backfill. */
  #leaveLive: (() => void) | undefined;
  #ended = false;

  constructor(options: SubscriptionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#head = eventHead(options.id);
    this.#threadIds = options.threadIds === undefined ? undefined : new Set(options.threadIds);
    this.#cursor = options.sinceSeq;
  }

  /** Delivers, paced by the connection, until the subscription ends or the connection is gone. Rejects when the store cannot be read. */
  async start(): Promise<void> {
    const { events, subscriber, threadIds, types, now } = this.#options;
    while (!this.#over()) {
      const page = events.list(this.#cursor, PAGE, { threadIds, types });
      let isLast = page.length < PAGE;
      for (const event of page) {
        if (subscriber.bufferedBytes > BACKFILL_BYTES) {
          await subscriber.drained();
          // Meanwhile more may have been committed.
          isLast = false;
        }
        if (this.#over()) return;
        this.#deliver(new OutgoingEvent(event, now()));
      }
      if (isLast) await this.#live();
      await subscriber.drained();
    }
  }

  /** A newly committed event. Ignored during the backfill, which will find it in the store. */
  offer(outgoing: OutgoingEvent): void {
    const { event } = outgoing;
    if (this.#leaveLive === undefined || event.seq <= this.#cursor || !this.#wants(event)) return;
    if (this.#options.subscriber.bufferedBytes > LIVE_BYTES) this.#leaveLive();
    else this.#deliver(outgoing);
  }

  end(): void {
    this.#ended = true;
    this.#leaveLive?.();
  }

  /** Goes live at once. Resolves when the client has fallen behind, or at the end. */
  #live(): Promise<void> {
    return new Promise((resolve) => {
      this.#leaveLive = () => {
        this.#leaveLive = undefined;
        resolve();
      };
    });
  }

  #over(): boolean {
    return this.#ended || this.#options.subscriber.closed;
  }

  #wants(event: GoalEvent): boolean {
    const { types } = this.#options;
    if (types !== undefined && !types.includes(event.type)) return false;
    if (this.#threadIds === undefined) return true;
    return event.threadId !== null && this.#threadIds.has(event.threadId);
  }

  #deliver(outgoing: OutgoingEvent): void {
    this.#cursor = outgoing.event.seq;
    const data = outgoing.behind(this.#head);
    this.#options.subscriber.notify(data, notifications.goalEvent.method);
  }
}
