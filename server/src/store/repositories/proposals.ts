import type { Insertable, Selectable, Updateable } from 'kysely';
import type { ProposalTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type ProposalRow = Selectable<ProposalTable>;

/** Objectives that agents proposed for their goals. */
export class ProposalRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Insertable<ProposalTable>): void {
    this.#sql.run(this.#sql.query.insertInto('proposal').values(row));
  }

  update(id: string, change: Updateable<ProposalTable>): void {
    this.#sql.run(this.#sql.query.updateTable('proposal').set(change).where('id', '=', id));
  }

  /** Oldest first. Ids rise with time. */
  ofGoal(goalId: string): ProposalRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('proposal')
        .selectAll()
        .where('goal_id', '=', goalId)
        .orderBy('made_at_ms', 'asc')
        .orderBy('id', 'asc'),
    );
  }
}
