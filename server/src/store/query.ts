import type { Statement } from 'better-sqlite3';

/**
 * A prepared SELECT. Rows come from the driver as arrays and become objects here: the objects it makes itself are dictionaries to V8,
 * slow to make and slow to read for as long as they live.
 */
export class Query {
  readonly #statement: Statement;
  readonly #names: readonly string[];

  constructor(statement: Statement) {
    this.#statement = statement.raw(true);
    this.#names = statement.columns().map(({ name }) => name);
  }

  all(values: readonly unknown[]): object[] {
    return this.#statement.all(values).map((columns) => this.#row(columns));
  }

  first(values: readonly unknown[]): object | undefined {
    const columns = this.#statement.get(values);
    return columns === undefined ? undefined : this.#row(columns);
  }

  #row(columns: unknown): object {
    const row: Record<string, unknown> = {};
    const values = columns as readonly unknown[];
    const names = this.#names;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index];
      if (name !== undefined) row[name] = values[index];
    }
    return row;
  }
}
