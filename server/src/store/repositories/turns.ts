import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { TurnTable } from '../schema.js';
import { queryText, type QueryText, type Sql } from '../sql.js';

export type TurnRow = Selectable<TurnTable>;

export class TurnRepository {
  readonly #sql: Sql;

  readonly #inProgress: QueryText<TurnRow>;

  constructor(store: Sql) {
    this.#sql = store;
    this.#inProgress = queryText(
      store.query
        .selectFrom('turn')
        .selectAll()
        .where('thread_id', '=', '')
        // Literal, or SQLite would not use the index over the turns in progress.
        .where('status', '=', sql.lit('inProgress')),
    );
  }

  insert(row: Insertable<TurnTable>): void {
    this.#sql.insert('turn', row);
  }

  find(id: string): TurnRow | undefined {
    return this.#sql.find('turn', { id });
  }

  inProgress(threadId: string): TurnRow | undefined {
    return this.#sql.first(this.#inProgress, threadId);
  }

  allInProgress(): TurnRow[] {
    return this.#sql.all(
      this.#sql.query.selectFrom('turn').selectAll().where('status', '=', sql.lit('inProgress')),
    );
  }

  update(id: string, change: Updateable<TurnTable>): void {
    this.#sql.update('turn', { id }, change);
  }

  nextOrdinal(threadId: string): number {
    const row = this.#sql.get(
      this.#sql.query
        .selectFrom('turn')
        .select('ordinal')
        .where('thread_id', '=', threadId)
        .orderBy('ordinal', 'desc')
        .limit(1),
    );
    return (row?.ordinal ?? 0) + 1;
  }

  list(
    threadId: string,
    page: { descending: boolean; afterOrdinal?: number | undefined; limit?: number | undefined },
  ): TurnRow[] {
    let query = this.#sql.query
      .selectFrom('turn')
      .selectAll()
      .where('thread_id', '=', threadId)
      .orderBy('ordinal', page.descending ? 'desc' : 'asc');
    if (page.limit !== undefined) query = query.limit(page.limit);
    if (page.afterOrdinal !== undefined) {
      query = query.where('ordinal', page.descending ? '<' : '>', page.afterOrdinal);
    }
    return this.#sql.all(query);
  }
}
