import { notifications, type ThreadItem } from '@goald/protocol';
import { outgoing } from '../store/outgoing.js';
import type { Actor } from '../store/mutation.js';
import type { Repositories } from '../store/repositories/index.js';
import type { Store, Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import { itemEventData } from './item-view.js';
import { withoutImages } from './left-out-images.js';
import type { HistoryEntry } from './ports/model.js';
import type { StorePatience } from './store-patience.js';
import type { ThreadHistories } from './thread-histories.js';

/** The turn was closed by someone else: its runner may not write any more. */
export class StaleTurnError extends Error {
  override readonly name = 'StaleTurnError';

  constructor(turnId: string) {
    super(`Turn ${turnId} is over.`);
  }
}

export interface NewItem {
  readonly wire: ThreadItem;
  readonly history: readonly HistoryEntry[];
  readonly requestId: string | null;
  /** Who made it, where that is not the model. */
  readonly origin?: Actor;
}

/** The turn an item belongs to. */
export type TurnRef = Pick<ActiveTurn, 'turnId' | 'threadId' | 'goalId'>;

/** Writes of a running turn, each checked against its fence. */
export class TurnStore {
  readonly repositories: Repositories;
  readonly #store: Store;
  readonly #histories: ThreadHistories;
  readonly #patience: StorePatience;

  constructor(
    store: Store,
    repositories: Repositories,
    histories: ThreadHistories,
    patience: StorePatience,
  ) {
    this.#store = store;
    this.repositories = repositories;
    this.#histories = histories;
    this.#patience = patience;
  }

  /** Runs `work` in a transaction if the turn still has its thread. Throws StaleTurnError. */
  write<T>(turn: ActiveTurn, work: (tx: Tx) => T): T {
    return this.#store.write((tx) => {
      if (!this.holds(turn)) throw new StaleTurnError(turn.turnId);
      return work(tx);
    });
  }

  /** Whether the turn is still the one that may write to its thread. */
  holds(turn: ActiveTurn): boolean {
    const row = this.repositories.turns.find(turn.turnId);
    const thread = this.repositories.threads.find(turn.threadId);
    return row?.status === 'inProgress' && thread?.fence === turn.fence;
  }

  /** The same, as soon as the store takes it: `work` may run several times. Rejects with the turn's stop reason as well. */
  async writeWhenPossible<T>(turn: ActiveTurn, work: (tx: Tx) => T): Promise<T> {
    return this.#patience.run(turn, () => this.write(turn, work));
  }

  /** For the few writes that land whatever became of the turn: charges. */
  writeAlways<T>(work: (tx: Tx) => T): T {
    return this.#store.write(work);
  }

  /** The same, as soon as the store takes it, also after the turn was stopped: `work` may run several times. */
  async land<T>(turn: ActiveTurn, work: (tx: Tx) => T): Promise<T> {
    return this.#patience.land(turn, () => this.#store.write(work));
  }

  /** Adds an item that is not done yet. */
  openItem(tx: Tx, turn: TurnRef, item: NewItem): void {
    this.#insert(tx, turn, item, false);
  }

  /** Adds an item that is whole at once, such as a user's message. */
  addItem(tx: Tx, turn: TurnRef, item: NewItem): void {
    this.#insert(tx, turn, item, true);
    this.tellStarted(tx, turn, item.wire);
    this.#recordCompleted(tx, turn, item.wire, item.origin);
  }

  tellStarted(tx: Tx, turn: TurnRef, item: ThreadItem): void {
    const audience = { to: 'thread', threadId: turn.threadId } as const;
    const { threadId, turnId } = turn;
    const timed = { ...item, startedAtMs: tx.nowMs, completedAtMs: null };
    const params = { threadId, turnId, item: timed, startedAtMs: tx.nowMs };
    tx.tell(outgoing(notifications.itemStarted, params, audience));
  }

  /** Keeps what an open item holds so far. */
  saveItem(wire: ThreadItem): void {
    this.repositories.items.update(wire.id, { wire_json: JSON.stringify(wire) });
  }

  /** Ends an item; it will not change again. */
  completeItem(tx: Tx, turn: TurnRef, wire: ThreadItem, history: readonly HistoryEntry[]): void {
    this.repositories.items.update(wire.id, {
      wire_json: JSON.stringify(wire),
      history_json: JSON.stringify(history),
      done: 1,
      completed_at_ms: tx.nowMs,
    });
    tx.onCommit(() => {
      this.#histories.set(turn.threadId, wire.id, history);
    });
    this.#recordCompleted(tx, turn, wire);
  }

  /** The model gets the images of a thread no more; clients still see them. `why` stands in their place. */
  leaveOutImages(tx: Tx, threadId: string, why: string): void {
    const { items, compactions } = this.repositories;
    const compaction = compactions.find(threadId);
    const clean = (json: string): string | null => {
      const entries = withoutImages(JSON.parse(json) as HistoryEntry[], why);
      return entries === null ? null : JSON.stringify(entries);
    };
    const older = compaction === undefined ? null : clean(compaction.entries_json);
    if (compaction !== undefined && older !== null) {
      compactions.put({ ...compaction, entries_json: older });
    }
    for (const { id, history_json: json } of items.after(
      threadId,
      compaction?.through_ordinal ?? 0,
    )) {
      const history = clean(json);
      if (history !== null) items.update(id, { history_json: history });
    }
    tx.onCommit(() => {
      this.#histories.forget(threadId);
    });
  }

  /** What a failed response said stays to be read, but the model does not get it back. */
  forgetResponse(tx: Tx, threadId: string, requestId: string): void {
    this.repositories.items.forgetHistory(requestId);
    tx.onCommit(() => {
      this.#histories.forget(threadId);
    });
  }

  #insert(tx: Tx, turn: TurnRef, item: NewItem, done: boolean): void {
    this.repositories.items.insert({
      id: item.wire.id,
      thread_id: turn.threadId,
      turn_id: turn.turnId,
      request_id: item.requestId,
      type: item.wire.type,
      done: done ? 1 : 0,
      wire_json: JSON.stringify(item.wire),
      history_json: JSON.stringify(item.history),
      started_at_ms: tx.nowMs,
      completed_at_ms: done ? tx.nowMs : null,
    });
    tx.onCommit(() => {
      this.#histories.set(turn.threadId, item.wire.id, item.history);
    });
  }

  #recordCompleted(tx: Tx, turn: TurnRef, wire: ThreadItem, origin?: Actor): void {
    const { threadId, turnId, goalId } = turn;
    const startedAtMs = this.repositories.items.find(wire.id)?.started_at_ms ?? tx.nowMs;
    const item = { ...wire, startedAtMs, completedAtMs: tx.nowMs };
    const data = { ...itemEventData(wire), ...(origin !== undefined && { origin }) };
    tx.emit({ type: 'item.completed', threadId, turnId, goalId, data });
    tx.tell(
      outgoing(
        notifications.itemCompleted,
        { threadId, turnId, item, completedAtMs: tx.nowMs },
        { to: 'thread', threadId },
      ),
    );
  }
}
