import type { Insertable, Selectable, Updateable } from 'kysely';
import type { BlockerTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type BlockerRow = Selectable<BlockerTable>;

/** What stands or stood in the way of goals. */
export class BlockerRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Insertable<BlockerTable>): void {
    this.#sql.run(this.#sql.query.insertInto('blocker').values(row));
  }

  find(id: string): BlockerRow | undefined {
    return this.#sql.find('blocker', { id });
  }

  update(id: string, change: Updateable<BlockerTable>): void {
    this.#sql.run(this.#sql.query.updateTable('blocker').set(change).where('id', '=', id));
  }

  /** Oldest first. Ids rise with time. */
  ofGoal(goalId: string): BlockerRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('blocker')
        .selectAll()
        .where('goal_id', '=', goalId)
        .orderBy('raised_at_ms', 'asc')
        .orderBy('id', 'asc'),
    );
  }

  /** Those not resolved, oldest first. */
  open(goalId: string): BlockerRow[] {
    return this.ofGoal(goalId).filter((row) => row.resolved === 0);
  }
}
