import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { PlanTable, RefusedProposalTable, VerificationRunTable } from '../schema.js';
import type { Sql } from '../sql.js';

/** What gathers around a goal: plan, verification runs and signs of progress. */
export class GoalNotesRepository {
  readonly #sql: Sql;

  constructor(store: Sql) {
    this.#sql = store;
  }

  /** Remembers a sign of progress. True when this goal never had it before. */
  addSign(goalId: string, sign: string, turnId: string | null, atMs: number): boolean {
    const changed = this.#sql.run(
      this.#sql.query
        .insertInto('progress_sign')
        .values({ goal_id: goalId, sign, turn_id: turnId, at_ms: atMs })
        .onConflict((conflict) => conflict.doNothing()),
    );
    return changed > 0;
  }

  savePlan(row: Insertable<PlanTable>): void {
    this.#sql.run(
      this.#sql.query
        .insertInto('plan')
        .values(row)
        .onConflict((conflict) => conflict.column('thread_id').doUpdateSet(row)),
    );
  }

  plan(threadId: string): Selectable<PlanTable> | undefined {
    return this.#sql.get(
      this.#sql.query.selectFrom('plan').selectAll().where('thread_id', '=', threadId),
    );
  }

  addRun(row: Insertable<VerificationRunTable>): void {
    this.#sql.run(this.#sql.query.insertInto('verification_run').values(row));
  }

  updateRun(id: string, change: Updateable<VerificationRunTable>): void {
    this.#sql.run(this.#sql.query.updateTable('verification_run').set(change).where('id', '=', id));
  }

  /** Newest first. */
  runs(goalId: string, limit: number): Selectable<VerificationRunTable>[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('verification_run')
        .selectAll()
        .where('goal_id', '=', goalId)
        .orderBy('started_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit),
    );
  }

  /** Runs that never ended. */
  openRuns(): Selectable<VerificationRunTable>[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('verification_run')
        .selectAll()
        .where('status', '=', sql.lit('running')),
    );
  }

  run(id: string): Selectable<VerificationRunTable> | undefined {
    return this.#sql.get(
      this.#sql.query.selectFrom('verification_run').selectAll().where('id', '=', id),
    );
  }

  addRefusal(row: Insertable<RefusedProposalTable>): void {
    this.#sql.run(this.#sql.query.insertInto('refused_proposal').values(row));
  }

  /** Oldest first. */
  refusals(goalId: string): Selectable<RefusedProposalTable>[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('refused_proposal')
        .selectAll()
        .where('goal_id', '=', goalId)
        .orderBy('at_ms', 'asc')
        .orderBy('id', 'asc'),
    );
  }
}
