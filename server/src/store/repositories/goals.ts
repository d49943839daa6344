import type { Goal, GoalStatus } from '@goald/protocol';
import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { GoalTable } from '../schema.js';
import { RecentKeys } from '../recent-keys.js';
import { RowCache } from '../row-cache.js';
import { queryText, type QueryText, type Sql } from '../sql.js';

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
  readonly #rows: RowCache<GoalRow, Goal>;
  /** By thread id. */
  readonly #currents: RowCache<{ readonly goalId: string | undefined }>;
  readonly #ofThread: QueryText<GoalRow>;
  /** Threads whose goals somebody only looked at. */
  readonly #lookedAt = new RecentKeys();
  /** What goals show in the place of what is stored, by goal id. */
  readonly #held = new Map<string, Pick<GoalRow, 'phase' | 'next_action_at_ms'>>();

  constructor(store: Sql) {
    this.#sql = store;
    this.#rows = new RowCache(store, textsOf);
    this.#currents = new RowCache(store);
    this.#ofThread = queryText(
      store.query
        .selectFrom('goal')
        .selectAll()
        .where('thread_id', '=', '')
        .where('ended_at_ms', 'is', null),
    );
  }

  insert(row: Insertable<GoalTable>): void {
    this.#sql.insert('goal', row);
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
    const known = this.#currents.peek(threadId);
    if (known !== undefined)
      return known.goalId === undefined ? undefined : this.find(known.goalId);
    const row = this.#sql.first(this.#ofThread, threadId);
    if (row !== undefined) this.#rows.set(row.goal_id, row);
    this.#currents.set(threadId, { goalId: row?.goal_id });
    return this.#shown(row);
  }

  /**
   * The same for who only looks. Its row stays in memory from the second look on: one walk over all goals would drive out those at
   * work, and rows that outlive their request cost the most.
   */
  glance(threadId: string): GoalRow | undefined {
    const isKnown = this.#currents.peek(threadId) !== undefined;
    if (isKnown || this.#lookedAt.met(threadId)) return this.current(threadId);
    return this.#shown(this.#sql.first(this.#ofThread, threadId));
  }

  /** Any goal, also one that was cleared or replaced. */
  find(goalId: string): GoalRow | undefined {
    return this.#shown(this.#stored(goalId));
  }

  /** While the store takes no writes an active goal shows that it waits, and until when: in memory only, until it is released. */
  hold(goalId: string, shown: Pick<GoalRow, 'phase' | 'next_action_at_ms'>): void {
    this.#held.set(goalId, shown);
  }

  release(goalId: string): void {
    this.#held.delete(goalId);
  }

  /** What `make` makes of a goal's row, made once for as long as the row is as it is. Must not be changed. */
  view(row: GoalRow, make: (row: GoalRow) => Goal): Goal {
    return this.#rows.view(row.goal_id, row, make);
  }

  /** Answers the goal as it is afterwards. */
  update(goalId: string, change: GoalChange): GoalRow | undefined {
    this.#sql.update('goal', { goal_id: goalId }, change);
    const row = this.#rows.merge(goalId, change) ?? this.#stored(goalId);
    if (change.ended_at_ms !== undefined && row !== undefined) this.#currents.forget(row.thread_id);
    return this.#shown(row);
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

  #stored(goalId: string): GoalRow | undefined {
    return this.#rows.get(goalId, () => this.#sql.find('goal', { goal_id: goalId }));
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
        // Literal, or SQLite would not use the index over the active ones.
        .where('status', '=', sql.lit(status))
        .where('ended_at_ms', 'is', null)
        .orderBy('created_at_ms', 'asc')
        .orderBy('goal_id', 'asc'),
    );
  }
}

function textsOf(row: GoalRow): number {
  const { objective, definition_json, evidence_json, notices_json } = row;
  return objective.length + definition_json.length + evidence_json.length + notices_json.length;
}
