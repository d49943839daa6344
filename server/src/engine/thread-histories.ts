import type { ItemRepository } from '../store/repositories/items.js';
import type { HistoryEntry } from './ports/model.js';

/**
 * What the model has read of each thread that is at work, kept in memory so that a turn does not read it again. The entries of an
 * item stand where the item was inserted, so that the prefix of a request never changes.
 */
export class ThreadHistories {
  readonly #items: ItemRepository;
  readonly #threads = new Map<string, Map<string, readonly HistoryEntry[]>>();

  constructor(items: ItemRepository) {
    this.#items = items;
  }

  entries(threadId: string): HistoryEntry[] {
    return [...this.#load(threadId).values()].flat();
  }

  /** Called after the commit that wrote the item. */
  set(threadId: string, itemId: string, entries: readonly HistoryEntry[]): void {
    this.#threads.get(threadId)?.set(itemId, entries);
  }

  /** Drops a thread from memory; it is read from the store when needed again. */
  forget(threadId: string): void {
    this.#threads.delete(threadId);
  }

  #load(threadId: string): Map<string, readonly HistoryEntry[]> {
    const known = this.#threads.get(threadId);
    if (known !== undefined) return known;
    const loaded = new Map<string, readonly HistoryEntry[]>(
      this.#items
        .ofThread(threadId)
        .map((item) => [item.id, JSON.parse(item.history_json) as HistoryEntry[]]),
    );
    this.#threads.set(threadId, loaded);
    return loaded;
  }
}
