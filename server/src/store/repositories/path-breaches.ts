import type { Selectable, Updateable } from 'kysely';
import type { PathBreachTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type PathBreachRow = Selectable<PathBreachTable>;

/** Changes that path constraints forbid, and what became of them. */
export class PathBreachRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: PathBreachRow): void {
    this.#sql.run(this.#sql.query.insertInto('path_breach').values(row));
  }

  update(id: string, change: Updateable<PathBreachTable>): void {
    this.#sql.run(this.#sql.query.updateTable('path_breach').set(change).where('id', '=', id));
  }

  /** Those of a turn of which it is not written down what became of them. */
  open(turnId: string): PathBreachRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('path_breach')
        .selectAll()
        .where('turn_id', '=', turnId)
        .where('outcome', '=', 'found'),
    );
  }

  /** Oldest first. */
  ofGoal(goalId: string): PathBreachRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('path_breach')
        .selectAll()
        .where('goal_id', '=', goalId)
        .orderBy('at_ms', 'asc')
        .orderBy('id', 'asc'),
    );
  }
}
