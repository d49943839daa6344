import { notifications, type GoalEvent } from '@goald/protocol';

/** What stands before the fields of an event in the notification of one subscription. */
export function eventHead(subscriptionId: string): Buffer {
  const { method } = notifications.goalEvent;
  const text = JSON.stringify({ jsonrpc: '2.0', method, params: { subscriptionId } });
  // Open again at the end, where the fields go on.
  return Buffer.from(`${text.slice(0, -2)},`);
}

/** An event on its way: serialised when first asked for, and then once for all subscriptions. */
export class OutgoingEvent {
  readonly event: GoalEvent;
  readonly #nowMs: number;
  #fields: Buffer | undefined;

  constructor(event: GoalEvent, nowMs: number) {
    this.event = event;
    this.#nowMs = nowMs;
  }

  /** The whole notification behind the head of a subscription. */
  behind(head: Buffer): Buffer {
    this.#fields ??= Buffer.from(
      `${JSON.stringify({ ...this.event, emittedAtMs: this.#nowMs }).slice(1)}}`,
    );
    return Buffer.concat([head, this.#fields]);
  }
}
