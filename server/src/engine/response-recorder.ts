import type { ThreadItem, Usage } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../store/store.js';
import { agentMessageItem, reasoningItem } from './item-view.js';
import { PlanRecorder } from './planning/plan-recorder.js';
import type { FinishReason, HistoryEntry, ModelEvent } from './ports/model.js';
import type { ToolCall } from './ports/tools.js';
import { StreamedItem, type RecorderOptions } from './streamed-item.js';

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
  /** Takes the words in a turn that plans. */
  readonly #planned: PlanRecorder | null;
  #open: StreamedItem | null = null;
  #output = '';
  /** Pieces of calls that are not whole. */
  #brokenCalls = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#planned = options.turn.plans ? new PlanRecorder(options) : null;
  }

  /** Everything the model put out, for an estimate. */
  get output(): string {
    return this.#output + this.#brokenCalls;
  }

  /** May be called again with the same event after the store refused to take it. */
  take(event: ModelEvent): void {
    const { turn } = this.#options;
    switch (event.type) {
      case 'textDelta':
        if (this.#planned !== null) this.#planned.grow(event);
        else this.#block('text').grow(event.delta);
        this.#output += event.delta;
        return;
      case 'text':
        if (event.text !== '') this.saidSomething = true;
        if (this.#planned !== null) this.#planned.close(event);
        else this.#closeText(event.text);
        turn.remember(`said: ${event.text.slice(0, 120)}`);
        return;
      case 'reasoningDelta':
        this.#block('reasoning').grow(event.delta, event.summaryIndex);
        this.#output += event.delta;
        return;
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
    this.#planned?.endOpen(tx, keep);
    this.#endBlock(tx, keep);
  }

  #endBlock(tx: Tx, keep: boolean): void {
    const block = this.#open;
    if (block === null) return;
    tx.onCommit(() => {
      if (this.#open === block) this.#open = null;
    });
    const { wire } = block;
    const history: HistoryEntry[] =
      keep && wire.type === 'agentMessage' && wire.text !== ''
        ? [{ kind: 'assistant', responseId: this.#options.requestId, text: wire.text }]
        : [];
    this.#options.store.completeItem(tx, this.#options.turn, wire, history);
  }

  #block(kind: 'text' | 'reasoning'): StreamedItem {
    if (this.#open?.kind === kind) return this.#open;
    const { store, turn } = this.#options;
    const block = new StreamedItem(kind, this.#options);
    store.write(turn, (tx) => {
      this.#endBlock(tx, true);
      block.openIn(tx);
    });
    this.#open = block;
    return block;
  }

  #closeText(text: string): void {
    const { requestId: responseId } = this.#options;
    const entry: HistoryEntry = { kind: 'assistant', responseId, text };
    this.#close('text', (id) => agentMessageItem(id, text), [entry]);
  }

  #close(
    kind: 'text' | 'reasoning',
    wireOf: (id: string) => ThreadItem,
    history: readonly HistoryEntry[],
  ): void {
    const { store, turn, requestId } = this.#options;
    const open = this.#open?.kind === kind ? this.#open : null;
    store.write(turn, (tx) => {
      if (open === null) {
        this.#endBlock(tx, true);
        const wire = wireOf(uuid());
        store.addItem(tx, turn, { wire, history, requestId });
        return;
      }
      store.completeItem(tx, turn, wireOf(open.id), history);
    });
    if (open !== null) this.#open = null;
  }
}
