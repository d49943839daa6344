import { ProtocolError, type EventType, type GoalEvent } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Store } from '../store/store.js';
import { OutgoingEvent } from './event-bytes.js';
import { EventSubscription, type SubscriberPort } from './subscription.js';

export interface SubscribeRequest {
  readonly sinceSeq: number | undefined;
  readonly storeEpoch: string | undefined;
  readonly threadIds: readonly string[] | undefined;
  readonly types: readonly EventType[] | undefined;
}

export interface SubscriptionsOptions {
  readonly store: Store;
  readonly storeEpoch: string;
  readonly now: () => number;
}

/** All live event subscriptions of the daemon. */
export class Subscriptions {
  readonly storeEpoch: string;
  readonly #options: SubscriptionsOptions;
  readonly #live = new Map<string, EventSubscription>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.storeEpoch = options.storeEpoch;
  }

  /**
   * Checks the cursor and makes a subscription; `start` begins its delivery.
   * Throws cursor_expired (with the first seq there is) and epoch_changed.
   */
  open(request: SubscribeRequest, subscriber: SubscriberPort): EventSubscription {
    const { store, now } = this.#options;
    if (request.storeEpoch !== undefined && request.storeEpoch !== this.storeEpoch) {
      throw new ProtocolError(
        'epoch_changed',
        'The cursor belongs to another store: read the goals anew and subscribe without a cursor.',
        { storeEpoch: this.storeEpoch, headSeq: store.headSeq },
      );
    }
    if (request.sinceSeq !== undefined) this.assertCursor(request.sinceSeq);
    const subscription = new EventSubscription({
      id: uuid(),
      events: store.events,
      subscriber,
      now,
      threadIds: request.threadIds,
      types: request.types,
      sinceSeq: request.sinceSeq ?? store.headSeq,
    });
    this.#live.set(subscription.id, subscription);
    return subscription;
  }

  /** Throws cursor_expired when events after `sinceSeq` are already gone, or the log never got that far. */
  assertCursor(sinceSeq: number): void {
    const { store } = this.#options;
    const firstSeq = store.events.firstSeq();
    if (sinceSeq > store.headSeq || (firstSeq > 0 && sinceSeq > 0 && sinceSeq < firstSeq - 1)) {
      throw new ProtocolError(
        'cursor_expired',
        `Events after ${String(sinceSeq)} are not there: the log has ${String(firstSeq)} to ${String(store.headSeq)}.`,
        { firstSeq, headSeq: store.headSeq },
      );
    }
  }

  close(id: string): void {
    this.#live.get(id)?.end();
    this.#live.delete(id);
  }

  offer(events: readonly GoalEvent[]): void {
    if (this.#live.size === 0) return;
    for (const event of events) {
      const outgoing = new OutgoingEvent(event, this.#options.now());
      for (const subscription of this.#live.values()) subscription.offer(outgoing);
    }
  }
}
