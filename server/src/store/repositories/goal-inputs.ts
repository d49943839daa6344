import { v7 as uuid } from 'uuid';
import type { Actor } from '../mutation.js';
import type { Sql } from '../sql.js';

/** What a user said to a goal. */
export interface GoalInput {
  readonly id: string;
  readonly text: string;
  readonly actor: Actor;
}

/** What users said to goals for their next turn to hear: each is heard by one turn, whatever happens in between. */
export class GoalInputRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(
    goal: { readonly goal_id: string; readonly thread_id: string },
    said: { readonly text: string; readonly actor: Actor },
    nowMs: number,
  ): void {
    this.#sql.run(
      this.#sql.query.insertInto('goal_input').values({
        id: uuid(),
        goal_id: goal.goal_id,
        thread_id: goal.thread_id,
        text: said.text,
        actor_json: JSON.stringify(said.actor),
        made_at_ms: nowMs,
        turn_id: null,
      }),
    );
  }

  /** What no turn has heard yet, oldest first. */
  waiting(goalId: string): GoalInput[] {
    return this.#sql
      .all(
        this.#sql.query
          .selectFrom('goal_input')
          .select(['id', 'text', 'actor_json'])
          .where('goal_id', '=', goalId)
          .where('turn_id', 'is', null)
          .orderBy('ordinal', 'asc'),
      )
      .map(({ id, text, actor_json }) => ({ id, text, actor: JSON.parse(actor_json) as Actor }));
  }

  heard(id: string, turnId: string): void {
    this.#sql.run(
      this.#sql.query.updateTable('goal_input').set({ turn_id: turnId }).where('id', '=', id),
    );
  }
}
