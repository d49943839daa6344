import { sql, type Insertable, type Selectable } from 'kysely';
import { RowCache } from '../row-cache.js';
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

/** Token sums over the charged requests of a thread. */
export type ThreadUsage = Pick<LedgerTotals, 'input' | 'cachedInput' | 'output' | 'reasoning'>;

/** What is written when an intent is charged. */
export type LedgerCharge = Omit<LedgerRecord, keyof LedgerIntent>;

/** What stays as it was when the request left. */
type LedgerIntent = Pick<
  LedgerRecord,
  | 'id'
  | 'turn_id'
  | 'thread_id'
  | 'goal_id'
  | 'ordinal'
  | 'provider'
  | 'model'
  | 'state'
  | 'estimated_input'
  | 'counted_input'
  | 'purpose'
  | 'requested_tier'
  | 'price_json'
  | 'started_at_ms'
>;

/** Intent and usage of every model request. */
export class LedgerRepository {
  readonly #sql: Sql;
  /** By thread id. */
  readonly #ofThread: RowCache<ThreadUsage>;

  constructor(store: Sql) {
    this.#sql = store;
    this.#ofThread = new RowCache(store);
  }

  insert(row: Omit<Insertable<ModelRequestTable>, 'ordinal'>): void {
    const last = this.lastOfThread(row.thread_id);
    this.#sql.insert('model_request', { ...row, ordinal: (last?.ordinal ?? 0) + 1 });
    if (row.state === 'charged') this.#ofThread.forget(row.thread_id);
  }

  find(id: string): LedgerRecord | undefined {
    return this.#sql.find('model_request', { id });
  }

  /** Charges an intent; `before` is its row as it stands. Nothing else gives a row figures, or the sums would be wrong. */
  charge(before: LedgerRecord, charge: LedgerCharge): void {
    this.#sql.update('model_request', { id: before.id }, { ...charge, state: 'charged' });
    const sums = this.#ofThread.peek(before.thread_id);
    if (sums !== undefined) this.#ofThread.set(before.thread_id, plus(sums, charge));
  }

  /** Requests of a thread were put into the store, whole, by someone else: what is in memory of them is void. */
  forget(threadId: string): void {
    this.#ofThread.forget(threadId);
  }

  /** Intents that were never charged. */
  open(): LedgerRecord[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('model_request')
        .selectAll()
        // Literal, or SQLite would not use the index over the open ones.
        .where('state', '=', sql.lit('intent'))
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

  /** Sums of a thread, added up once and kept while its requests are charged. */
  usageOfThread(threadId: string): ThreadUsage {
    const load = (): ThreadUsage => this.totals({ threadId });
    return this.#ofThread.get(threadId, load) ?? load();
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

function plus(sums: ThreadUsage, charge: LedgerCharge): ThreadUsage {
  return {
    input: sums.input + charge.input_tokens,
    cachedInput: sums.cachedInput + charge.cached_input_tokens,
    output: sums.output + charge.output_tokens,
    reasoning: sums.reasoning + charge.reasoning_tokens,
  };
}
