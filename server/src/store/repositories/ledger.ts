import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { ModelRequestTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type LedgerRecord = Selectable<ModelRequestTable>;

/** Sums over the charged rows of a goal. */
export interface LedgerTotals {
  readonly requests: number;
  readonly estimated: number;
  readonly tokens: number;
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
  /** Nanodollars; null where no row has a price. */
  readonly costNano: number | null;
  /** Rows that used tokens and have no price. */
  readonly unpriced: number;
  /** Rows charged at the priority tier. */
  readonly fast: number;
}

/** Intent and usage of every model request. */
export class LedgerRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<Insertable<ModelRequestTable>, 'ordinal'>): void {
    const last = this.lastOfThread(row.thread_id);
    this.#sql.run(
      this.#sql.query
        .insertInto('model_request')
        .values({ ...row, ordinal: (last?.ordinal ?? 0) + 1 }),
    );
  }

  find(id: string): LedgerRecord | undefined {
    return this.#sql.get(
      this.#sql.query.selectFrom('model_request').selectAll().where('id', '=', id),
    );
  }

  update(id: string, change: Updateable<ModelRequestTable>): void {
    this.#sql.run(this.#sql.query.updateTable('model_request').set(change).where('id', '=', id));
  }

  /** Intents that were never charged. */
  open(): LedgerRecord[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('model_request')
        .selectAll()
        .where('state', '=', 'intent')
        .orderBy('started_at_ms', 'asc'),
    );
  }

  lastOfThread(threadId: string): LedgerRecord | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('model_request')
        .selectAll()
        .where('thread_id', '=', threadId)
        .orderBy('ordinal', 'desc')
        .limit(1),
    );
  }

  /** The newest request of a thread whose figures the provider itself gave. */
  lastMeasured(threadId: string): LedgerRecord | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('model_request')
        .selectAll()
        .where('thread_id', '=', threadId)
        .where('outcome', '=', 'completed')
        .where('estimated', '=', 0)
        .orderBy('ordinal', 'desc')
        .limit(1),
    );
  }

  ofGoal(goalId: string, afterOrdinal: number, limit: number): LedgerRecord[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('model_request')
        .selectAll()
        .where('goal_id', '=', goalId)
        .where('ordinal', '>', afterOrdinal)
        .orderBy('ordinal', 'asc')
        .limit(limit),
    );
  }

  /** Sums of a goal, of a thread, or of a goal in the turns of its thread up to an ordinal. */
  totals(
    scope:
      | { goalId: string; threadId?: never }
      | { threadId: string; goalId?: never }
      | { goalId: string; threadId: string; throughTurn: number },
  ): LedgerTotals {
    const base = this.#sql.query.selectFrom('model_request').where('state', '=', 'charged');
    let scoped = base;
    if (scope.goalId !== undefined) scoped = scoped.where('goal_id', '=', scope.goalId);
    if (scope.threadId !== undefined) scoped = scoped.where('thread_id', '=', scope.threadId);
    if ('throughTurn' in scope) {
      const turns = this.#sql.query
        .selectFrom('turn')
        .select('id')
        .where('thread_id', '=', scope.threadId)
        .where('ordinal', '<=', scope.throughTurn);
      scoped = scoped.where('turn_id', 'in', turns);
    }
    const row = this.#sql.get(
      scoped.select((of) => [
        of.fn.countAll<number>().as('requests'),
        of.fn.sum<number | null>('estimated').as('estimated'),
        of.fn.sum<number | null>('tokens').as('tokens'),
        of.fn.sum<number | null>('input_tokens').as('input'),
        of.fn.sum<number | null>('cached_input_tokens').as('cachedInput'),
        of.fn.sum<number | null>('output_tokens').as('output'),
        of.fn.sum<number | null>('reasoning_tokens').as('reasoning'),
        of.fn.sum<number | null>('cost_nano').as('costNano'),
        sql<number | null>`SUM(cost_nano IS NULL AND tokens > 0)`.as('unpriced'),
        sql<number | null>`SUM(service_tier IN ('priority', 'fast'))`.as('fast'),
      ]),
    );
    return {
      requests: row?.requests ?? 0,
      estimated: row?.estimated ?? 0,
      tokens: row?.tokens ?? 0,
      input: row?.input ?? 0,
      cachedInput: row?.cachedInput ?? 0,
      output: row?.output ?? 0,
      reasoning: row?.reasoning ?? 0,
      costNano: row?.costNano ?? null,
      unpriced: row?.unpriced ?? 0,
      fast: row?.fast ?? 0,
    };
  }
}
