import type { Sql } from '../sql.js';

const KEPT_MS = 24 * 60 * 60 * 1000;

/** First results of mutations that carried a key. */
export class IdempotencyRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The stored result of this key and method, if it is not older than 24 hours. */
  find(key: string, nowMs: number): { method: string; result: unknown } | undefined {
    const row = this.#sql.get(
      this.#sql.query
        .selectFrom('idempotency')
        .selectAll()
        .where('key', '=', key)
        .where('created_at_ms', '>', nowMs - KEPT_MS),
    );
    if (row === undefined) return undefined;
    return { method: row.method, result: JSON.parse(row.result_json) };
  }

  save(key: string, method: string, result: unknown, nowMs: number): void {
    const row = { method, result_json: JSON.stringify(result), created_at_ms: nowMs };
    this.#sql.run(
      this.#sql.query
        .insertInto('idempotency')
        .values({ key, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row)),
    );
  }

  prune(nowMs: number): void {
    this.#sql.run(
      this.#sql.query.deleteFrom('idempotency').where('created_at_ms', '<=', nowMs - KEPT_MS),
    );
  }
}
