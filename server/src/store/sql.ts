import type { Database, Statement } from 'better-sqlite3';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type Insertable,
  type Selectable,
  type Updateable,
} from 'kysely';
import { Query } from './query.js';
import type { Schema } from './schema.js';
import { StoreHealth } from './store-health.js';

const MOST_STATEMENTS = 500;

type Table = keyof Schema;

/** A query compiled once; its values are given when it is run, in the order in which they stand in it. */
export interface QueryText<Row> {
  readonly sql: string;
  /** Never there: it carries the type. */
  readonly row?: Row;
}

/** The columns that pick rows, all to be equal. */
type Key<T extends Table> = Partial<Selectable<Schema[T]>>;

/** Kysely writes the SQL and its types; nothing runs through it. */
function queryBuilder(): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/**
 * Runs Kysely's queries synchronously on one better-sqlite3 connection. Synchronous on purpose: nothing can be awaited inside a
 * transaction, so no model call or process ever holds one open. Throws StoreUnavailableError where the store is the cause.
 */
export class Sql {
  readonly query: Kysely<Schema> = queryBuilder();
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  readonly health: StoreHealth;
  readonly #queries = new Map<string, Query>();
  #rollbacks = 0;
  #runs = 0;

  constructor(db: Database, health: StoreHealth = new StoreHealth()) {
    this.#db = db;
    this.health = health;
  }

  /** How many transactions were rolled back: what was read inside them is void. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  rolledBack(): void {
    this.#rollbacks += 1;
  }

  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    return this.#guarded(() => this.#query(sql).all(parameters)) as Row[];
  }

  get<Row>(query: Compilable<Row>): Row | undefined {
    const { sql, parameters } = query.compile();
    return this.#guarded(() => this.#query(sql).first(parameters)) as Row | undefined;
  }

  /** The row that `text`, a query compiled once, has for these values. */
  first<Row>(text: QueryText<Row>, ...values: readonly unknown[]): Row | undefined {
    return this.#guarded(() => this.#query(text.sql).first(values)) as Row | undefined;
  }

  /** How many statements were run that may have changed something. */
  get runs(): number {
    return this.#runs;
  }

  /** Answers how many rows changed. */
  run(query: Compilable): number {
    const { sql, parameters } = query.compile();
    return this.#change(sql, parameters);
  }

  // What every request needs is spelled out here: building such a query anew costs more than running it.

  /** Adds a row; a column that is absent or undefined gets its default. */
  insert<T extends Table>(table: T, row: Insertable<Schema[T]>): void {
    const { names, values } = defined(row);
    const marks = names.map(() => '?').join(', ');
    this.#change(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`, values);
  }

  /** Changes the rows with this key; a column that is absent or undefined stays as it is. Answers how many rows changed. */
  update<T extends Table>(table: T, key: Key<T>, change: Updateable<Schema[T]>): number {
    const { names, values } = defined(change);
    if (names.length === 0) return 0;
    const where = defined(key);
    const text = `UPDATE ${table} SET ${assigned(names, ', ')} WHERE ${assigned(where.names, ' AND ')}`;
    return this.#change(text, [...values, ...where.values]);
  }

  /** The row with this key. */
  find<T extends Table>(table: T, key: Key<T>): Selectable<Schema[T]> | undefined {
    const { names, values } = defined(key);
    const text = `SELECT * FROM ${table} WHERE ${assigned(names, ' AND ')}`;
    return this.#guarded(() => this.#query(text).first(values)) as
      Selectable<Schema[T]> | undefined;
  }

  /** Answers how many rows changed. */
  #change(sql: string, values: readonly unknown[]): number {
    this.#runs += 1;
    return this.#guarded(() => this.#statement(sql).run(values).changes);
  }

  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.health.failed(error);
    }
  }

  #statement(sql: string): Statement {
    return kept(this.#statements, sql, () => this.#db.prepare(sql));
  }

  #query(sql: string): Query {
    return kept(this.#queries, sql, () => new Query(this.#db.prepare(sql)));
  }
}

/** Queries with lists have a text for each length; the hot ones are few and come back at once. */
function kept<T>(made: Map<string, T>, sql: string, make: () => T): T {
  let one = made.get(sql);
  if (one === undefined) {
    one = make();
    if (made.size >= MOST_STATEMENTS) made.clear();
    made.set(sql, one);
  }
  return one;
}

/** Names and values of what is there, in order. The names are columns of the schema, never input. */
function defined(columns: object): { names: string[]; values: unknown[] } {
  const names: string[] = [];
  const values: unknown[] = [];
  for (const [name, value] of Object.entries(columns)) {
    if (value === undefined) continue;
    names.push(name);
    values.push(value);
  }
  return { names, values };
}

/** Compiles a query built with values that stand for those to come. */
export function queryText<Row>(query: Compilable<Row>): QueryText<Row> {
  return { sql: query.compile().sql };
}

function assigned(names: readonly string[], between: string): string {
  return names.map((name) => `${name} = ?`).join(between);
}
