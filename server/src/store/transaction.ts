import type { Database, Statement } from 'better-sqlite3';

/** Transactions and the savepoints inside them, with statements that are prepared once. */
export class Transactions {
  readonly #db: Database;
  readonly #whole: Bracket;
  readonly #part: Bracket;

  constructor(db: Database) {
    this.#db = db;
    const ending = (sql: string): readonly Statement[] =>
      sql.split(';').map((one) => db.prepare(one));
    this.#whole = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      keep: db.prepare('COMMIT'),
      undo: ending('ROLLBACK'),
    };
    this.#part = {
      begin: db.prepare('SAVEPOINT part'),
      keep: db.prepare('RELEASE part'),
      undo: ending('ROLLBACK TO part; RELEASE part'),
    };
  }

  /** False also when SQLite itself has rolled the transaction back, as it does when the disk is full. */
  get isOpen(): boolean {
    return this.#db.inTransaction;
  }

  /** Runs `work` in a transaction of its own. When it throws, or the commit fails, nothing of it stays. */
  whole<T>(work: () => T): T {
    return this.#run(this.#whole, work);
  }

  /** Runs `work` inside the open transaction. When it throws, nothing of it stays, and what came before it does. */
  part<T>(work: () => T): T {
    if (!this.isOpen) throw new Error('The transaction was rolled back.');
    return this.#run(this.#part, work);
  }

  #run<T>({ begin, keep, undo }: Bracket, work: () => T): T {
    begin.run();
    try {
      const result = work();
      if (result instanceof Promise) {
        throw new TypeError('A transaction cannot wait for a promise.');
      }
      keep.run();
      return result;
    } catch (error) {
      if (this.isOpen) for (const statement of undo) statement.run();
      throw error;
    }
  }
}

interface Bracket {
  readonly begin: Statement;
  readonly keep: Statement;
  readonly undo: readonly Statement[];
}
