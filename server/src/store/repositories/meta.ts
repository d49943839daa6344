import type { RecoveryNote } from '../backups/recovery-note.js';
import type { Sql } from '../sql.js';

type MetaKey = 'storeEpoch' | 'recovery';

/** Small facts about the store itself. */
export class MetaRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(key: MetaKey): string | undefined {
    return this.#sql.get(this.#sql.query.selectFrom('meta').select('value').where('key', '=', key))
      ?.value;
  }

  set(key: MetaKey, value: string): void {
    this.#sql.run(
      this.#sql.query
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value })),
    );
  }

  /** What was done about a damaged database, the last time one was. */
  recovery(): RecoveryNote | null {
    const text = this.get('recovery');
    return text === undefined ? null : (JSON.parse(text) as RecoveryNote);
  }
}
