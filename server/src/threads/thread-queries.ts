import type { ItemsView, Thread, THREAD_SORT_KEYS, Turn } from '@goald/protocol';
import type { Repositories } from '../store/repositories/index.js';
import type { TurnRow } from '../store/repositories/turns.js';
import { decodeCursor, encodeCursor } from '../store/cursor.js';
import { toThread, toTurn } from './thread-record.js';
import type { ModelIdentity, ThreadService } from './thread-service.js';

const THREADS_A_PAGE = 50;
const TURNS_A_PAGE = 50;

type SortDirection = 'asc' | 'desc';
type ThreadSortKey = (typeof THREAD_SORT_KEYS)[number];

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

export interface ThreadListRequest {
  readonly cursor?: string | null | undefined;
  readonly limit?: number | null | undefined;
  readonly sortKey?: ThreadSortKey | null | undefined;
  readonly sortDirection?: SortDirection | null | undefined;
  readonly archived?: boolean | null | undefined;
  readonly cwd?: string | string[] | null | undefined;
  readonly searchTerm?: string | null | undefined;
  readonly excludedThreadIds?: readonly string[] | null | undefined;
  readonly modelProviders?: readonly string[] | null | undefined;
  readonly sourceKinds?: readonly string[] | null | undefined;
  readonly originators?: readonly string[] | null | undefined;
  /** A place among threads that goald does not have: nothing is there. */
  readonly sectionId?: string | null | undefined;
  readonly projectId?: string | null | undefined;
  readonly parentThreadId?: string | null | undefined;
  readonly ancestorThreadId?: string | null | undefined;
  readonly attachedToThreadId?: string | null | undefined;
}

export interface TurnListRequest {
  readonly cursor?: string | null | undefined;
  readonly limit?: number | null | undefined;
  readonly sortDirection?: SortDirection | null | undefined;
  readonly itemsView?: ItemsView | null | undefined;
}

/** Reads of threads and their turns, page by page. */
export class ThreadQueries {
  readonly #repositories: Repositories;
  readonly #threads: ThreadService;
  readonly #model: () => ModelIdentity;

  constructor(repositories: Repositories, threads: ThreadService, model: () => ModelIdentity) {
    this.#repositories = repositories;
    this.#threads = threads;
    this.#model = model;
  }

  list(request: ThreadListRequest): Page<Thread> {
    if (this.#isElsewhere(request)) return { data: [], nextCursor: null, backwardsCursor: null };
    const limit = request.limit ?? THREADS_A_PAGE;
    const sortColumn =
      (request.sortKey ?? 'created_at') === 'created_at' ? 'created_at_ms' : 'updated_at_ms';
    const after = request.cursor == null ? undefined : decodeCursor(request.cursor);
    const cwd = request.cwd ?? undefined;
    const rows = this.#repositories.threads.list(
      {
        archived: request.archived ?? false,
        cwds: typeof cwd === 'string' ? [cwd] : cwd,
        searchTerm: request.searchTerm ?? undefined,
        excludedIds: request.excludedThreadIds ?? undefined,
        sources: filled(request.sourceKinds),
        originators: filled(request.originators),
      },
      { sortColumn, descending: request.sortDirection !== 'asc', after, limit: limit + 1 },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const first = page[0];
    return {
      data: page.map((row) => this.#threads.view(row)),
      nextCursor:
        rows.length > limit && last !== undefined ? encodeCursor(last[sortColumn], last.id) : null,
      backwardsCursor: first === undefined ? null : encodeCursor(first[sortColumn], first.id),
    };
  }

  /** One thread; with all its turns and items when asked. */
  read(threadId: string, includeTurns: boolean): Thread {
    const row = this.#threads.require(threadId);
    if (!includeTurns) return this.#threads.view(row);
    const turns = this.#repositories.turns.list(threadId, { descending: false });
    return toThread(row, {
      ...this.#model(),
      status: this.#threads.status(threadId),
      turns: turns.map((turn) => this.#turn(turn, 'full')),
    });
  }

  turns(threadId: string, request: TurnListRequest): Page<Turn> {
    this.#threads.require(threadId);
    const limit = request.limit ?? TURNS_A_PAGE;
    const rows = this.#repositories.turns.list(threadId, {
      descending: request.sortDirection !== 'asc',
      afterOrdinal: request.cursor == null ? undefined : decodeCursor(request.cursor).value,
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const first = page[0];
    const descending = request.sortDirection !== 'asc';
    return {
      data: page.map((row) => this.#turn(row, request.itemsView ?? 'summary')),
      nextCursor:
        rows.length > limit && last !== undefined ? encodeCursor(last.ordinal, last.id) : null,
      // One step beyond the first, so that the opposite direction includes it.
      backwardsCursor:
        first === undefined ? null : encodeCursor(first.ordinal + (descending ? -1 : 1), first.id),
    };
  }

  /** Ids of threads that are in use: subscribed, running a turn, or with an active goal. */
  loaded(
    subscribed: ReadonlySet<string>,
    request: { cursor?: string | null | undefined; limit?: number | null | undefined },
  ): { data: string[]; nextCursor: string | null } {
    const ids = [
      ...new Set([
        ...subscribed,
        ...this.#repositories.turns.allInProgress().map((turn) => turn.thread_id),
        ...this.#repositories.goals.active().map((goal) => goal.thread_id),
      ]),
    ].sort();
    const after = request.cursor == null ? '' : decodeCursor(request.cursor).id;
    const rest = ids.filter((id) => id > after);
    const data = rest.slice(0, request.limit ?? rest.length);
    const last = data.at(-1);
    const more = last !== undefined && rest.length > data.length;
    return { data, nextCursor: more ? encodeCursor(0, last) : null };
  }

  /** Asks for threads that goald has none of. */
  #isElsewhere(request: ThreadListRequest): boolean {
    const { sectionId, projectId, parentThreadId, ancestorThreadId, attachedToThreadId } = request;
    const places = [sectionId, projectId, parentThreadId, ancestorThreadId, attachedToThreadId];
    const providers = filled(request.modelProviders);
    return (
      places.some((place) => place != null) ||
      (providers !== undefined && !providers.includes(this.#model().provider))
    );
  }

  #turn(row: TurnRow, view: ItemsView): Turn {
    const items = view === 'notLoaded' ? [] : this.#repositories.items.ofTurn(row.id);
    return toTurn(row, items, view);
  }
}

/** A filter that names nothing filters nothing. */
function filled(names: readonly string[] | null | undefined): readonly string[] | undefined {
  return names == null || names.length === 0 ? undefined : names;
}
