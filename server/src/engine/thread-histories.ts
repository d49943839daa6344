import type { CompactionRepository } from '../store/repositories/compactions.js';
import type { ItemRepository } from '../store/repositories/items.js';
import type { HistoryEntry } from './ports/model.js';

// Stands where items have their id.
const COMPACTED = 'compacted';

/**
 * What the model has read of each thread that is at work, kept in memory so that a turn does not read it again. The entries of an
 * item stand where the item was inserted, so that the prefix of a request changes only with a compaction.
 */
export class ThreadHistories {
  readonly #items: ItemRepository;
  readonly #compactions: CompactionRepository;
  readonly #threads = new Map<string, Map<string, readonly HistoryEntry[]>>();

  constructor(items: ItemRepository, compactions: CompactionRepository) {
    this.#items = items;
    this.#compactions = compactions;
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
    const compaction = this.#compactions.find(threadId);
    const loaded = new Map<string, readonly HistoryEntry[]>();
    if (compaction !== undefined) {
      loaded.set(COMPACTED, JSON.parse(compaction.entries_json) as HistoryEntry[]);
    }
    for (const item of this.#items.after(threadId, compaction?.through_ordinal ?? 0)) {
      loaded.set(item.id, JSON.parse(item.history_json) as HistoryEntry[]);
    }
    this.#threads.set(threadId, loaded);
    return loaded;
  }
}
