import type { Database, Statement } from 'better-sqlite3';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
} from 'kysely';
import type { Schema } from './schema.js';
import { StoreHealth } from './store-health.js';

const MOST_STATEMENTS = 500;

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
  #rollbacks = 0;

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
    try {
      return this.#statement(sql).all(...parameters) as Row[];
    } catch (error) {
      throw this.health.failed(error);
    }
  }

  get<Row>(query: Compilable<Row>): Row | undefined {
    const { sql, parameters } = query.compile();
    try {
      return this.#statement(sql).get(...parameters) as Row | undefined;
    } catch (error) {
      throw this.health.failed(error);
    }
  }

  /** Answers how many rows changed. */
  run(query: Compilable): number {
    const { sql, parameters } = query.compile();
    try {
      return this.#statement(sql).run(...parameters).changes;
    } catch (error) {
      throw this.health.failed(error);
    }
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      // Queries with lists have a text for each length; the hot ones are few and come back at once.
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
