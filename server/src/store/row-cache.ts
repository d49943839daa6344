import type { Sql } from './sql.js';

/** How much one generation of rows may take, in bytes: a cache holds twice that, however many rows are stored. */
const GENERATION_BYTES = 1024 * 1024;
/** What a row takes beside its texts, about. */
const ROW_BYTES = 1000;

interface Entry<Row, View> {
  readonly row: Row;
  /** What was made of the row; it goes with it. */
  view: View | undefined;
}

/**
 * Rows in memory, kept true by the writes that pass through their repository. Rows are never changed in place. A rollback empties the
 * cache, because it may hold what was never committed. Rows nobody asked for since the last change of generation are dropped first.
 */
export class RowCache<Row extends object, View = never> {
  readonly #sql: Sql;
  readonly #textsOf: (row: Row) => number;
  #young = new Map<string, Entry<Row | undefined, View>>();
  #old = new Map<string, Entry<Row | undefined, View>>();
  #youngBytes = 0;
  #epoch: number;

  /** `textsOf` tells how many characters the long texts of a row have. */
  constructor(sql: Sql, textsOf: (row: Row) => number = () => 0) {
    this.#sql = sql;
    this.#textsOf = textsOf;
    this.#epoch = sql.rollbacks;
  }

  /** The row of a key, from memory or from `load`. undefined is remembered too: there is none. */
  get(key: string, load: () => Row | undefined): Row | undefined {
    const known = this.#entry(key);
    if (known !== undefined) return known.row;
    const row = load();
    this.set(key, row);
    return row;
  }

  /** The row of a key if it is in memory. */
  peek(key: string): Row | undefined {
    return this.#entry(key)?.row;
  }

  set(key: string, row: Row | undefined): void {
    this.#check();
    this.#keep(key, { row, view: undefined });
  }

  /** What `make` makes of a row, made once for as long as the row stays in memory. */
  view(key: string, row: Row, make: (row: Row) => View): View {
    const entry = this.#entry(key);
    if (entry?.row !== row) return make(row);
    entry.view ??= make(row);
    return entry.view;
  }

  /** After an update of the row; as in SQL, undefined leaves a column as it is. Answers the row, if it is in memory. */
  merge(key: string, change: Partial<Row>): Row | undefined {
    const row = this.#entry(key)?.row;
    if (row === undefined) {
      this.forget(key);
      return undefined;
    }
    const merged = merge(row, change);
    this.#keep(key, { row: merged, view: undefined });
    return merged;
  }

  forget(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngBytes = 0;
  }

  #entry(key: string): Entry<Row | undefined, View> | undefined {
    this.#check();
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  #keep(key: string, entry: Entry<Row | undefined, View>): void {
    if (this.#youngBytes >= GENERATION_BYTES) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    // A row kept anew counts again: the generation ends a little sooner, which harms nobody.
    this.#youngBytes += ROW_BYTES + (entry.row === undefined ? 0 : this.#textsOf(entry.row));
    this.#young.set(key, entry);
    this.#old.delete(key);
  }

  #check(): void {
    if (this.#epoch === this.#sql.rollbacks) return;
    this.clear();
    this.#epoch = this.#sql.rollbacks;
  }
}

function merge<Row extends object>(row: Row, change: Partial<Row>): Row {
  const merged = { ...row };
  for (const name of Object.keys(change) as (keyof Row)[]) {
    const value = change[name];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}
