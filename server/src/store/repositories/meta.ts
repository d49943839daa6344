import type { Sql } from '../sql.js';

/** Small facts about the store itself. */
export class MetaRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(key: 'storeEpoch'): string | undefined {
    return this.#sql.get(this.#sql.query.selectFrom('meta').select('value').where('key', '=', key))
      ?.value;
  }

  set(key: 'storeEpoch', value: string): void {
    this.#sql.run(
      this.#sql.query
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value })),
    );
  }
}
