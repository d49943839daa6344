import type { Insertable, Selectable } from 'kysely';
import type { CompactionTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type CompactionRow = Selectable<CompactionTable>;

/** The newest compaction of each thread; the one before has no use any more. */
export class CompactionRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  find(threadId: string): CompactionRow | undefined {
    return this.#sql.get(
      this.#sql.query.selectFrom('compaction').selectAll().where('thread_id', '=', threadId),
    );
  }

  put(row: Insertable<CompactionTable>): void {
    this.#sql.run(
      this.#sql.query
        .insertInto('compaction')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('thread_id').doUpdateSet({
            through_ordinal: row.through_ordinal,
            entries_json: row.entries_json,
            made_at_ms: row.made_at_ms,
          }),
        ),
    );
  }
}
