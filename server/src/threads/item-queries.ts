import { ProtocolError, type requests, type ResultOf } from '@goald/protocol';
import { decodeCursor, encodeCursor } from '../store/cursor.js';
import type { ItemRow } from '../store/repositories/items.js';
import type { Repositories } from '../store/repositories/index.js';
import { toItem } from './thread-record.js';
import type { Page } from './thread-queries.js';
import type { ThreadService } from './thread-service.js';

export interface ItemListRequest {
  readonly threadId: string;
  readonly turnId?: string | null | undefined;
  readonly cursor?: string | { readonly itemId: string } | null | undefined;
  readonly limit?: number | null | undefined;
  readonly sortDirection?: 'asc' | 'desc' | null | undefined;
}

type ItemEntry = ResultOf<typeof requests.threadItemsList>['data'][number];

const ITEMS_A_PAGE = 100;

/** Reads of items, beside the turns they belong to. */
export class ItemQueries {
  readonly #repositories: Repositories;
  readonly #threads: ThreadService;

  constructor(repositories: Repositories, threads: ThreadService) {
    this.#repositories = repositories;
    this.#threads = threads;
  }

  list(request: ItemListRequest): Page<ItemEntry> {
    this.#threads.require(request.threadId);
    const limit = request.limit ?? ITEMS_A_PAGE;
    const descending = request.sortDirection !== 'asc';
    const rows = this.#repositories.items.page(request.threadId, {
      turnId: request.turnId ?? undefined,
      descending,
      afterOrdinal: this.#after(request),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const first = page[0];
    return {
      data: page.map(toEntry),
      nextCursor:
        rows.length > limit && last !== undefined ? encodeCursor(last.ordinal, last.id) : null,
      // One step beyond the first, so that the opposite direction includes it.
      backwardsCursor:
        first === undefined ? null : encodeCursor(first.ordinal + (descending ? -1 : 1), first.id),
    };
  }

  read(threadId: string, turnId: string, itemIds: readonly string[]): ItemEntry[] {
    this.#threads.require(threadId);
    const wanted = new Set(itemIds);
    return this.#repositories.items
      .ofTurn(turnId)
      .filter((row) => row.thread_id === threadId && wanted.has(row.id))
      .map(toEntry);
  }

  #after({ threadId, cursor }: ItemListRequest): number | undefined {
    if (cursor == null) return undefined;
    if (typeof cursor === 'string') return decodeCursor(cursor).value;
    const row = this.#repositories.items.find(cursor.itemId);
    if (row?.thread_id === threadId) return row.ordinal;
    const message = `Thread ${threadId} has no item ${cursor.itemId}.`;
    throw new ProtocolError('invalid_params', message, {
      issues: [{ path: ['cursor', 'itemId'], message }],
    });
  }
}

function toEntry(row: ItemRow): ItemEntry {
  return {
    turnId: row.turn_id,
    item: toItem(row),
    startedAtMs: row.started_at_ms,
    completedAtMs: row.completed_at_ms,
  };
}
