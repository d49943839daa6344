import { notifications, type ThreadItem, type Usage } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Outbox } from '../events/outbox.js';
import { outgoing } from '../store/outgoing.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import { agentMessageItem, reasoningItem } from './item-view.js';
import type { FinishReason, HistoryEntry, ModelEvent } from './ports/model.js';
import type { ToolCall } from './ports/tools.js';
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

interface OpenBlock {
  readonly kind: 'text' | 'reasoning';
  readonly id: string;
  /** One text, or the parts of a reasoning summary. */
  readonly parts: string[];
  flushedAtMs: number;
}

/** Turns one model response into items while it streams. */
export class ResponseRecorder {
  readonly calls: ToolCall[] = [];
  finish: FinishReason | null = null;
  usage: Usage | null = null;
  /** Tier the provider says it served. */
  servedTier: string | null = null;
  /** The response had words or calls, not only thoughts. */
  saidSomething = false;
  readonly #options: RecorderOptions;
  #open: OpenBlock | null = null;
  #output = '';
  /** Pieces of calls that are not whole. */
  #brokenCalls = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Everything the model put out, for an estimate. */
  get output(): string {
    return this.#output + this.#brokenCalls;
  }

  /** May be called again with the same event after the store refused to take it. */
  take(event: ModelEvent): void {
    const { turn } = this.#options;
    switch (event.type) {
      case 'textDelta': {
        const block = this.#block('text');
        this.#grow(block, 0, event.delta);
        this.#tell(notifications.agentMessageDelta, { itemId: block.id, delta: event.delta });
        return;
      }
      case 'text': {
        if (event.text !== '') this.saidSomething = true;
        const entry: HistoryEntry = {
          kind: 'assistant',
          responseId: this.#options.requestId,
          text: event.text,
        };
        this.#close('text', (id) => agentMessageItem(id, event.text), [entry]);
        turn.remember(`said: ${event.text.slice(0, 120)}`);
        return;
      }
      case 'reasoningDelta': {
        const block = this.#block('reasoning');
        this.#grow(block, event.summaryIndex, event.delta);
        this.#tell(notifications.reasoningSummaryTextDelta, {
          itemId: block.id,
          delta: event.delta,
          summaryIndex: event.summaryIndex,
        });
        return;
      }
      case 'reasoning': {
        const { requestId: responseId } = this.#options;
        const entry: HistoryEntry = { kind: 'reasoning', responseId, opaque: event.opaque };
        this.#close('reasoning', (id) => reasoningItem(id, event.summary), [entry]);
        return;
      }
      case 'callDelta':
        this.#brokenCalls += event.delta;
        return;
      case 'toolCall':
        this.saidSomething = true;
        // All calls of a response are whole at once, or each before the next begins.
        this.#brokenCalls = '';
        this.#output += event.name + event.arguments;
        this.calls.push({ callId: event.callId, name: event.name, arguments: event.arguments });
        return;
      case 'completed':
        this.finish = event.finish;
        this.usage = event.usage;
        this.servedTier = event.serviceTier ?? null;
        return;
    }
  }

  /** Ends what is still open, with what came so far. `keep` leaves it in the model's history. */
  endOpen(tx: Tx, keep: boolean): void {
    const block = this.#open;
    if (block === null) return;
    tx.onCommit(() => {
      if (this.#open === block) this.#open = null;
    });
    const wire = this.#wire(block);
    const history: HistoryEntry[] =
      keep && wire.type === 'agentMessage' && wire.text !== ''
        ? [{ kind: 'assistant', responseId: this.#options.requestId, text: wire.text }]
        : [];
    this.#options.store.completeItem(tx, this.#options.turn, wire, history);
  }

  #block(kind: OpenBlock['kind']): OpenBlock {
    if (this.#open?.kind === kind) return this.#open;
    const { store, turn, now, requestId } = this.#options;
    const block: OpenBlock = { kind, id: uuid(), parts: [], flushedAtMs: now() };
    store.write(turn, (tx) => {
      this.endOpen(tx, true);
      const wire = this.#wire(block);
      store.openItem(tx, turn, { wire, history: [], requestId });
      store.tellStarted(tx, turn, wire);
    });
    this.#open = block;
    return block;
  }

  #grow(block: OpenBlock, index: number, delta: string): void {
    const { store, turn, now } = this.#options;
    this.#output += delta;
    for (let part = block.parts.length; part <= index; part += 1) block.parts.push('');
    block.parts[index] = (block.parts[index] ?? '') + delta;
    if (now() - block.flushedAtMs < FLUSH_MS) return;
    block.flushedAtMs = now();
    try {
      store.write(turn, () => {
        store.saveItem(this.#wire(block));
      });
    } catch (error) {
      // It stays in memory until the next flush, or the end.
      if (!mayPass(error)) throw error;
    }
  }

  #close(
    kind: OpenBlock['kind'],
    wireOf: (id: string) => ThreadItem,
    history: readonly HistoryEntry[],
  ): void {
    const { store, turn, requestId } = this.#options;
    const open = this.#open?.kind === kind ? this.#open : null;
    store.write(turn, (tx) => {
      if (open === null) {
        this.endOpen(tx, true);
        const wire = wireOf(uuid());
        store.addItem(tx, turn, { wire, history, requestId });
        return;
      }
      store.completeItem(tx, turn, wireOf(open.id), history);
    });
    if (open !== null) this.#open = null;
  }

  #wire(block: OpenBlock): ThreadItem {
    return block.kind === 'text'
      ? agentMessageItem(block.id, block.parts.join(''))
      : reasoningItem(block.id, block.parts);
  }

  #tell(
    message:
      typeof notifications.agentMessageDelta | typeof notifications.reasoningSummaryTextDelta,
    params: { itemId: string; delta: string; summaryIndex?: number },
  ): void {
    const { turn, outbox } = this.#options;
    const { threadId, turnId } = turn;
    const whole = { threadId, turnId, summaryIndex: 0, ...params };
    outbox.tell(outgoing(message, whole, { to: 'thread', threadId }));
  }
}
