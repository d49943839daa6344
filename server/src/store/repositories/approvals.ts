import type { Insertable, Selectable } from 'kysely';
import type { ApprovalTable } from '../schema-approvals.js';
import type { Sql } from '../sql.js';

export type ApprovalRow = Selectable<ApprovalTable>;

export interface ApprovalDecisionRecord {
  readonly decision: NonNullable<ApprovalRow['decision']>;
  /** Actor, as JSON. */
  readonly decided_by_json: string;
  readonly decision_reason: string | null;
  readonly decided_at_ms: number;
}

/** What people are asked to allow. Each is decided once, and what was allowed begins to run once. */
export class ApprovalRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Insertable<ApprovalTable>): void {
    this.#sql.insert('approval', row);
  }

  find(id: string): ApprovalRow | undefined {
    return this.#sql.find('approval', { id });
  }

  /** False when it was decided before: then nothing changes. */
  decide(id: string, record: ApprovalDecisionRecord): boolean {
    const { query } = this.#sql;
    const update = query.updateTable('approval').set(record).where('id', '=', id);
    return this.#sql.run(update.where('decision', 'is', null)) === 1;
  }

  /** From here on it may run in this turn. False when it began before, or nothing is left to be done: then it must not. */
  begin(id: string, turnId: string): boolean {
    const update = this.#sql.query
      .updateTable('approval')
      .set({ ran_in_turn_id: turnId, settled: 1 })
      .where('id', '=', id)
      .where('decision', 'in', ['accept', 'acceptForSession', 'acceptWithExecpolicyAmendment'])
      .where('ran_in_turn_id', 'is', null)
      .where('settled', '=', 0);
    return this.#sql.run(update) === 1;
  }

  /** Its call has its answer, and it is still open. */
  park(id: string): void {
    this.#sql.update('approval', { id }, { parked: 1 });
  }

  settle(id: string): void {
    this.#sql.update('approval', { id }, { settled: 1 });
  }

  /** Not decided, oldest first; of all threads where none is given. */
  pending(threadId?: string): ApprovalRow[] {
    const query = this.#all().where('decision', 'is', null);
    return this.#sql.all(threadId === undefined ? query : query.where('thread_id', '=', threadId));
  }

  /** Decided or not, with something left to be done, oldest first. */
  unsettled(threadId: string): ApprovalRow[] {
    return this.#sql.all(this.#all().where('settled', '=', 0).where('thread_id', '=', threadId));
  }

  /** Threads in which something without a goal was decided and is left to be done. */
  due(): string[] {
    const rows = this.#sql.all(
      this.#all()
        .where('settled', '=', 0)
        .where('goal_id', 'is', null)
        .where('decision', 'is not', null),
    );
    return [...new Set(rows.map((row) => row.thread_id))];
  }

  /** The newest `limit`, oldest first. */
  latest(threadId: string | undefined, limit: number): ApprovalRow[] {
    const query = this.#sql.query
      .selectFrom('approval')
      .selectAll()
      .orderBy('requested_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    const rows = this.#sql.all(
      threadId === undefined ? query : query.where('thread_id', '=', threadId),
    );
    return rows.reverse();
  }

  #all() {
    const query = this.#sql.query.selectFrom('approval').selectAll();
    return query.orderBy('requested_at_ms', 'asc').orderBy('id', 'asc');
  }
}
