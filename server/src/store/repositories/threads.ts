import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { ThreadTable } from '../schema.js';
import { FOLD } from '../fold.js';
import { RowCache } from '../row-cache.js';
import type { Sql } from '../sql.js';

export type ThreadRow = Selectable<ThreadTable>;

export interface ThreadFilter {
  readonly archived: boolean;
  readonly cwds?: readonly string[] | undefined;
  readonly searchTerm?: string | undefined;
  readonly excludedIds?: readonly string[] | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly originators?: readonly string[] | undefined;
}

export interface ThreadPage {
  readonly sortColumn: 'created_at_ms' | 'updated_at_ms';
  readonly descending: boolean;
  /** Sort value and id of the last row of the page before. */
  readonly after?: { readonly value: number; readonly id: string } | undefined;
  readonly limit: number;
}

export class ThreadRepository {
  readonly #sql: Sql;
  readonly #rows: RowCache<ThreadRow>;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#rows = new RowCache(sql);
  }

  insert(row: Insertable<ThreadTable>): void {
    this.#sql.insert('thread', row);
    this.#rows.forget(row.id);
  }

  /** A thread was put into the store, whole, by someone else: what is in memory of it is void. */
  forget(id: string): void {
    this.#rows.forget(id);
  }

  find(id: string): ThreadRow | undefined {
    return this.#rows.get(id, () => this.#sql.find('thread', { id }));
  }

  update(id: string, change: Updateable<ThreadTable>): void {
    this.#sql.update('thread', { id }, change);
    this.#rows.merge(id, change);
  }

  /** Removes the thread with its turns, items and plan. */
  delete(id: string): void {
    this.#sql.run(this.#sql.query.deleteFrom('thread').where('id', '=', id));
    this.#rows.forget(id);
  }

  list(filter: ThreadFilter, page: ThreadPage): ThreadRow[] {
    const direction = page.descending ? 'desc' : 'asc';
    let query = this.#sql.query
      .selectFrom('thread')
      .selectAll()
      .where('archived', '=', filter.archived ? 1 : 0)
      .orderBy(page.sortColumn, direction)
      .orderBy('id', direction)
      .limit(page.limit);
    if (filter.cwds !== undefined) query = query.where('cwd', 'in', filter.cwds);
    if (filter.excludedIds !== undefined && filter.excludedIds.length > 0) {
      query = query.where('id', 'not in', filter.excludedIds);
    }
    if (filter.sources !== undefined) query = query.where('source', 'in', filter.sources);
    if (filter.originators !== undefined) {
      query = query.where('originator', 'in', filter.originators);
    }
    if (filter.searchTerm !== undefined) {
      const term = filter.searchTerm.toLowerCase();
      query = query.where((where) =>
        where.or([
          sql<boolean>`instr(${sql.id(FOLD)}(coalesce(name, '')), ${term}) > 0`,
          sql<boolean>`instr(${sql.id(FOLD)}(preview), ${term}) > 0`,
        ]),
      );
    }
    const after = page.after;
    if (after !== undefined) {
      const beyond = page.descending ? '<' : '>';
      query = query.where((where) =>
        where.or([
          where(page.sortColumn, beyond, after.value),
          where.and([where(page.sortColumn, '=', after.value), where('id', beyond, after.id)]),
        ]),
      );
    }
    return this.#sql.all(query);
  }
}
