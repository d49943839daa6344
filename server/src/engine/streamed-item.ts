import { notifications, type ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Outbox } from '../events/outbox.js';
import { outgoing } from '../store/outgoing.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import { agentMessageItem, planItem, reasoningItem } from './item-view.js';
import { mayPass } from './store-patience.js';
import type { TurnStore } from './turn-store.js';

/** How long streamed text may be only in memory. */
const FLUSH_MS = 1000;

export interface RecorderOptions {
  readonly turn: ActiveTurn;
  readonly requestId: string;
  readonly store: TurnStore;
  readonly outbox: Outbox;
  readonly now: () => number;
}

export type StreamedKind = 'text' | 'reasoning' | 'plan';

/** An item that grows while the model speaks. */
export class StreamedItem {
  readonly kind: StreamedKind;
  readonly id = uuid();
  readonly #options: RecorderOptions;
  /** One text, or the parts of a reasoning summary. */
  #parts: string[] = [];
  #flushedAtMs: number;

  constructor(kind: StreamedKind, options: RecorderOptions) {
    this.kind = kind;
    this.#options = options;
    this.#flushedAtMs = options.now();
  }

  get text(): string {
    return this.#parts.join('');
  }

  /** The item with what came so far. */
  get wire(): ThreadItem {
    return this.kind === 'reasoning' ? reasoningItem(this.id, this.#parts) : this.wireOf(this.text);
  }

  /** The item with a text of its own. */
  wireOf(text: string): ThreadItem {
    return this.kind === 'plan' ? planItem(this.id, text) : agentMessageItem(this.id, text);
  }

  openIn(tx: Tx): void {
    const { store, turn, requestId } = this.#options;
    store.openItem(tx, turn, { wire: this.wire, history: [], requestId });
    store.tellStarted(tx, turn, this.wire);
  }

  /** Keeps a piece, and tells it. `part`: which of a reasoning summary's. */
  grow(delta: string, part = 0): void {
    for (let at = this.#parts.length; at <= part; at += 1) this.#parts.push('');
    this.#parts[part] = (this.#parts[part] ?? '') + delta;
    this.#flush();
    this.#tell(delta, part);
  }

  /** What came so far is void. */
  restart(): void {
    this.#parts = [];
  }

  #flush(): void {
    const { store, turn, now } = this.#options;
    if (now() - this.#flushedAtMs < FLUSH_MS) return;
    this.#flushedAtMs = now();
    try {
      store.write(turn, () => {
        store.saveItem(this.wire);
      });
    } catch (error) {
      // It stays in memory until the next flush, or the end.
      if (!mayPass(error)) throw error;
    }
  }

  #tell(delta: string, summaryIndex: number): void {
    const { outbox, turn } = this.#options;
    const { threadId, turnId } = turn;
    const params = { threadId, turnId, itemId: this.id, delta };
    const audience = { to: 'thread', threadId } as const;
    switch (this.kind) {
      case 'text':
        outbox.tell(outgoing(notifications.agentMessageDelta, params, audience));
        return;
      case 'plan':
        outbox.tell(outgoing(notifications.planDelta, params, audience));
        return;
      case 'reasoning': {
        const whole = { ...params, summaryIndex };
        outbox.tell(outgoing(notifications.reasoningSummaryTextDelta, whole, audience));
      }
    }
  }
}
