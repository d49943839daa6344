import type { Selectable } from 'kysely';
import type { ApprovalRuleTable } from '../schema-approvals.js';
import type { Sql } from '../sql.js';

export type ApprovalRuleRow = Selectable<ApprovalRuleTable>;

/** What people have allowed for good: for a thread, or for all. */
export class ApprovalRuleRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Once: what is allowed already stays as it is. */
  add(row: ApprovalRuleRow): void {
    const same = this.ofThread(row.thread_id).some(
      (known) =>
        known.kind === row.kind &&
        known.thread_id === row.thread_id &&
        known.what_json === row.what_json &&
        known.cwd === row.cwd,
    );
    if (!same) this.#sql.insert('approval_rule', row);
  }

  /** Those that hold for a thread, oldest first; null: those that hold for all. */
  ofThread(threadId: string | null): ApprovalRuleRow[] {
    const query = this.#sql.query
      .selectFrom('approval_rule')
      .selectAll()
      .where((where) =>
        where.or([
          where('thread_id', 'is', null),
          ...(threadId === null ? [] : [where('thread_id', '=', threadId)]),
        ]),
      )
      .orderBy('made_at_ms', 'asc')
      .orderBy('id', 'asc');
    return this.#sql.all(query);
  }

  all(): ApprovalRuleRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('approval_rule')
        .selectAll()
        .orderBy('made_at_ms', 'asc')
        .orderBy('id', 'asc'),
    );
  }

  remove(id: string): void {
    this.#sql.run(this.#sql.query.deleteFrom('approval_rule').where('id', '=', id));
  }
}
