import { compileFunction } from 'node:vm';
import type { Statement } from 'better-sqlite3';

/** A query that has given so many rows gets code of its own; to compile it for one that gives few would cost more. */
const OFTEN = 64;

type MakeRow = (columns: readonly unknown[]) => object;

/**
 * A prepared SELECT. Rows come from the driver as arrays and become objects here: the objects it makes itself, and any that get a
 * dozen properties one by one, are dictionaries to V8, slow to make and slow to read for as long as they live. An object literal is not.
 */
export class Query {
  readonly #statement: Statement;
  readonly #names: readonly string[];
  #make: MakeRow;
  #rows = 0;

  constructor(statement: Statement) {
    this.#statement = statement.raw(true);
    this.#names = statement.columns().map(({ name }) => name);
    this.#make = (columns) => this.#slowly(columns);
  }

  all(values: readonly unknown[]): object[] {
    return this.#statement.all(values).map((columns) => this.#make(columns as readonly unknown[]));
  }

  first(values: readonly unknown[]): object | undefined {
    const columns = this.#statement.get(values);
    return columns === undefined ? undefined : this.#make(columns as readonly unknown[]);
  }

  #slowly(columns: readonly unknown[]): object {
    this.#rows += 1;
    if (this.#rows === OFTEN) this.#make = compiled(this.#names);
    return Object.fromEntries(this.#names.map((name, index) => [name, columns[index]]));
  }
}

/** `({ id: columns[0], … })`: the names are columns of our own queries. */
function compiled(names: readonly string[]): MakeRow {
  const properties = names.map((name, index) => `${JSON.stringify(name)}: columns[${index}]`);
  return compileFunction(`return { ${properties.join(', ')} };`, ['columns']) as MakeRow;
}
