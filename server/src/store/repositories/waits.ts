import type { Insertable, Selectable } from 'kysely';
import type { WaitTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type WaitRow = Selectable<WaitTable>;
export type WaitResult = NonNullable<WaitRow['result']>;

export class WaitRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Insertable<WaitTable>): void {
    this.#sql.run(this.#sql.query.insertInto('wait').values(row));
  }

  find(id: string): WaitRow | undefined {
    return this.#sql.get(this.#sql.query.selectFrom('wait').selectAll().where('id', '=', id));
  }

  /** What a goal waits for. */
  open(goalId: string): WaitRow | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('wait')
        .selectAll()
        .where('goal_id', '=', goalId)
        .where('ended_at_ms', 'is', null),
    );
  }

  allOpen(): WaitRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('wait')
        .selectAll()
        .where('ended_at_ms', 'is', null)
        .orderBy('started_at_ms', 'asc'),
    );
  }

  /** Ends a wait. False when it had ended before: each ends once. */
  end(id: string, result: WaitResult, atMs: number): boolean {
    const changed = this.#sql.run(
      this.#sql.query
        .updateTable('wait')
        .set({ result, ended_at_ms: atMs })
        .where('id', '=', id)
        .where('ended_at_ms', 'is', null),
    );
    return changed > 0;
  }

  /** Waits of a goal that are over without the model knowing it, oldest first. */
  untold(goalId: string): WaitRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('wait')
        .selectAll()
        .where('goal_id', '=', goalId)
        .where('told', '=', 0)
        .where('ended_at_ms', 'is not', null)
        .orderBy('started_at_ms', 'asc'),
    );
  }

  markTold(id: string): void {
    this.#sql.run(this.#sql.query.updateTable('wait').set({ told: 1 }).where('id', '=', id));
  }
}
