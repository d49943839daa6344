import type { GoalStatus } from '@goald/protocol';
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { GoalTable } from '../schema.js';
import { RowCache } from '../row-cache.js';
import type { Sql } from '../sql.js';

export type GoalRow = Selectable<GoalTable>;
export type GoalChange = Updateable<GoalTable>;

export interface GoalListFilter {
  readonly statuses?: readonly GoalStatus[] | undefined;
  readonly cwd?: string | undefined;
  readonly after?: { readonly updatedAtMs: number; readonly goalId: string } | undefined;
  readonly limit: number;
}

export class GoalRepository {
  readonly #sql: Sql;
  /** By goal id. */
  readonly #rows: RowCache<GoalRow | undefined>;
  /** Goal id by thread id. */
  readonly #currents: RowCache<string | undefined>;
  /** What goals show in the place of what is stored, by goal id. */
  readonly #held = new Map<string, Pick<GoalRow, 'phase' | 'next_action_at_ms'>>();

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#rows = new RowCache(sql);
    this.#currents = new RowCache(sql);
  }

  insert(row: Insertable<GoalTable>): void {
    this.#sql.run(this.#sql.query.insertInto('goal').values(row));
    this.#rows.forget(row.goal_id);
    this.#currents.forget(row.thread_id);
  }

  /** A goal was put into the store, whole, by someone else: what is in memory of it and of its thread is void. */
  forget(goalId: string, threadId: string): void {
    this.#rows.forget(goalId);
    this.#currents.forget(threadId);
  }

  /** The goal a thread has now. */
  current(threadId: string): GoalRow | undefined {
    const goalId = this.#currents.get(
      threadId,
      () =>
        this.#sql.get(
          this.#sql.query
            .selectFrom('goal')
            .select('goal_id')
            .where('thread_id', '=', threadId)
            .where('ended_at_ms', 'is', null),
        )?.goal_id,
    );
    return goalId === undefined ? undefined : this.find(goalId);
  }

  /** Any goal, also one that was cleared or replaced. */
  find(goalId: string): GoalRow | undefined {
    return this.#shown(
      this.#rows.get(goalId, () =>
        this.#sql.get(this.#sql.query.selectFrom('goal').selectAll().where('goal_id', '=', goalId)),
      ),
    );
  }

  /** While the store takes no writes an active goal shows that it waits, and until when: in memory only, until it is released. */
  hold(goalId: string, shown: Pick<GoalRow, 'phase' | 'next_action_at_ms'>): void {
    this.#held.set(goalId, shown);
  }

  release(goalId: string): void {
    this.#held.delete(goalId);
  }

  update(goalId: string, change: GoalChange): void {
    this.#sql.run(this.#sql.query.updateTable('goal').set(change).where('goal_id', '=', goalId));
    const row = this.#rows.merge(goalId, change);
    if (change.ended_at_ms === undefined) return;
    if (row === undefined) this.#currents.clear();
    else this.#currents.forget(row.thread_id);
  }

  active(): GoalRow[] {
    return this.#inStatus('active');
  }

  usageLimited(): GoalRow[] {
    return this.#inStatus('usageLimited');
  }

  list(filter: GoalListFilter): (GoalRow & { cwd: string; thread_name: string | null })[] {
    let query = this.#sql.query
      .selectFrom('goal')
      .innerJoin('thread', 'thread.id', 'goal.thread_id')
      .selectAll('goal')
      .select(['thread.cwd as cwd', 'thread.name as thread_name'])
      .where('goal.ended_at_ms', 'is', null)
      .orderBy('goal.updated_at_ms', 'desc')
      .orderBy('goal.goal_id', 'desc')
      .limit(filter.limit);
    if (filter.statuses !== undefined) query = query.where('goal.status', 'in', filter.statuses);
    if (filter.cwd !== undefined) query = query.where('thread.cwd', '=', filter.cwd);
    const after = filter.after;
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where('goal.updated_at_ms', '<', after.updatedAtMs),
          where.and([
            where('goal.updated_at_ms', '=', after.updatedAtMs),
            where('goal.goal_id', '<', after.goalId),
          ]),
        ]),
      );
    }
    return this.#sql.all(query).map((row) => this.#shown(row));
  }

  #shown<Row extends GoalRow | undefined>(row: Row): Row {
    const held = row === undefined ? undefined : this.#held.get(row.goal_id);
    return held !== undefined && row?.status === 'active' ? { ...row, ...held } : row;
  }

  #inStatus(status: GoalStatus): GoalRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('goal')
        .selectAll()
        .where('status', '=', status)
        .where('ended_at_ms', 'is', null)
        .orderBy('created_at_ms', 'asc')
        .orderBy('goal_id', 'asc'),
    );
  }
}
