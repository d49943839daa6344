import type { Insertable, Selectable, Updateable } from 'kysely';
import type { TurnTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type TurnRow = Selectable<TurnTable>;

export class TurnRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Insertable<TurnTable>): void {
    this.#sql.run(this.#sql.query.insertInto('turn').values(row));
  }

  find(id: string): TurnRow | undefined {
    return this.#sql.get(this.#sql.query.selectFrom('turn').selectAll().where('id', '=', id));
  }

  inProgress(threadId: string): TurnRow | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('turn')
        .selectAll()
        .where('thread_id', '=', threadId)
        .where('status', '=', 'inProgress'),
    );
  }

  allInProgress(): TurnRow[] {
    return this.#sql.all(
      this.#sql.query.selectFrom('turn').selectAll().where('status', '=', 'inProgress'),
    );
  }

  update(id: string, change: Updateable<TurnTable>): void {
    this.#sql.run(this.#sql.query.updateTable('turn').set(change).where('id', '=', id));
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
