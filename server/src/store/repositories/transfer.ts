import { sql, type Compilable, type RawBuilder } from 'kysely';
import type { Schema } from '../schema.js';
import type { Sql } from '../sql.js';

/** A value SQLite holds. */
export type SqlValue = string | number | null;
/** A row by its columns. */
export type PlainRow = Readonly<Record<string, SqlValue>>;
export type TableName = keyof Schema;

export interface ColumnInfo {
  readonly name: string;
  readonly type: 'INTEGER' | 'TEXT' | 'REAL';
  readonly isRequired: boolean;
}

/** Tables as they are, for what is written out and read back whole. */
export class TransferRepository {
  readonly #sql: Sql;

  constructor(store: Sql) {
    this.#sql = store;
  }

  schemaVersion(): number {
    const [row] = this.#sql.all<{ user_version: number }>(
      this.#compilable(sql`select user_version from pragma_user_version`),
    );
    return row?.user_version ?? 0;
  }

  columns(table: TableName): ColumnInfo[] {
    const rows = this.#sql.all<{ name: string; type: ColumnInfo['type']; required: number }>(
      this.#compilable(
        sql`select name, type, "notnull" = 1 and dflt_value is null as required from pragma_table_info(${table}) order by cid`,
      ),
    );
    return rows.map(({ name, type, required }) => ({ name, type, isRequired: required === 1 }));
  }

  /** Rows of a table by a condition, in an order, from an offset on. */
  rows(
    table: TableName,
    where: RawBuilder<unknown>,
    page: { order: readonly string[]; offset: number; limit: number },
  ): PlainRow[] {
    const order = sql.join(page.order.map((column) => sql.ref(column)));
    return this.#sql.all<PlainRow>(
      this.#compilable(
        sql`select * from ${sql.table(table)} where ${where} order by ${order} limit ${page.limit} offset ${page.offset}`,
      ),
    );
  }

  has(table: TableName, idColumn: string, id: string): boolean {
    const found = this.#sql.all(
      this.#compilable(
        sql`select 1 from ${sql.table(table)} where ${sql.ref(idColumn)} = ${id} limit 1`,
      ),
    );
    return found.length > 0;
  }

  insert(table: TableName, row: PlainRow): void {
    const names = Object.keys(row);
    const columns = sql.join(names.map((name) => sql.ref(name)));
    const values = sql.join(names.map((name) => sql.val(row[name] ?? null)));
    this.#sql.run(
      this.#compilable(sql`insert into ${sql.table(table)} (${columns}) values (${values})`),
    );
  }

  #compilable(raw: RawBuilder<unknown>): Compilable {
    return { compile: () => raw.compile(this.#sql.query) };
  }
}
