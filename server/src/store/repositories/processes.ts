import type { Insertable, Selectable, Updateable } from 'kysely';
import type { ProcessTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type ProcessRow = Selectable<ProcessTable>;

export class ProcessRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Answers the number it got in its thread. */
  insert(row: Omit<Insertable<ProcessTable>, 'number'>): number {
    const number = (this.ofThread(row.thread_id, 1)[0]?.number ?? 0) + 1;
    this.#sql.run(this.#sql.query.insertInto('process').values({ ...row, number }));
    return number;
  }

  find(id: string): ProcessRow | undefined {
    return this.#sql.get(this.#sql.query.selectFrom('process').selectAll().where('id', '=', id));
  }

  byNumber(threadId: string, number: number): ProcessRow | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('process')
        .selectAll()
        .where('thread_id', '=', threadId)
        .where('number', '=', number),
    );
  }

  /** Newest first. */
  ofThread(threadId: string, limit: number): ProcessRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('process')
        .selectAll()
        .where('thread_id', '=', threadId)
        .orderBy('number', 'desc')
        .limit(limit),
    );
  }

  update(id: string, change: Updateable<ProcessTable>): void {
    this.#sql.run(this.#sql.query.updateTable('process').set(change).where('id', '=', id));
  }

  /** Ends a process. False when it had ended before. */
  end(
    id: string,
    ending: Pick<ProcessRow, 'exit_code' | 'signal' | 'tail' | 'ended_at_ms'> & {
      ending: NonNullable<ProcessRow['ending']>;
    },
  ): boolean {
    const changed = this.#sql.run(
      this.#sql.query
        .updateTable('process')
        .set(ending)
        .where('id', '=', id)
        .where('ended_at_ms', 'is', null),
    );
    return changed > 0;
  }

  /** Those of a thread that have not ended, oldest first. */
  openOfThread(threadId: string): ProcessRow[] {
    return this.open().filter((process) => process.thread_id === threadId);
  }

  /** Processes that have not ended, of one goal or of all. */
  open(goalId?: string): ProcessRow[] {
    let query = this.#sql.query
      .selectFrom('process')
      .selectAll()
      .where('ended_at_ms', 'is', null)
      .orderBy('started_at_ms', 'asc');
    if (goalId !== undefined) query = query.where('goal_id', '=', goalId);
    return this.#sql.all(query);
  }

  /** Processes of a goal that ended through someone else than the model, which does not know it yet. */
  untold(goalId: string): ProcessRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('process')
        .selectAll()
        .where('goal_id', '=', goalId)
        .where('told', '=', 0)
        .where('ending', 'in', ['stopped', 'lost'])
        .orderBy('number', 'asc'),
    );
  }
}
