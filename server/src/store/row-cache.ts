import type { Sql } from './sql.js';

/** Enough for the goals at work and those that clients look at. */
const MOST_ROWS = 500;

/**
 * The newest rows in memory, kept true by the writes that pass through their repository. Rows are never changed in place. A rollback
 * empties the cache, because it may hold what was never committed.
 */
export class RowCache<Row> {
  readonly #sql: Sql;
  readonly #rows = new Map<string, Row>();
  #epoch: number;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#epoch = sql.rollbacks;
  }

  /** The row of a key, from memory or from `load`. undefined is remembered too: there is none. */
  get(key: string, load: () => Row): Row {
    this.#check();
    const known = this.#rows.get(key);
    if (known !== undefined || this.#rows.has(key)) return known as Row;
    const row = load();
    this.set(key, row);
    return row;
  }

  set(key: string, row: Row): void {
    this.#check();
    this.#keep(key, row);
  }

  /** After an update of the row; as in SQL, undefined leaves a column as it is. Answers the row, if it is in memory. */
  merge(key: string, change: Partial<Row>): Row | undefined {
    this.#check();
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.delete(key);
      return undefined;
    }
    const defined = Object.entries(change).filter(([, value]) => value !== undefined);
    const merged = { ...row, ...Object.fromEntries(defined) };
    this.#keep(key, merged);
    return merged;
  }

  forget(key: string): void {
    this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** As the newest; beyond the limit the one goes that was not written for longest. */
  #keep(key: string, row: Row): void {
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size <= MOST_ROWS) return;
    for (const oldest of this.#rows.keys()) {
      this.#rows.delete(oldest);
      return;
    }
  }

  #check(): void {
    if (this.#epoch === this.#sql.rollbacks) return;
    this.#rows.clear();
    this.#epoch = this.#sql.rollbacks;
  }
}
