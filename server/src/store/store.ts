import type { GoalEvent } from '@goald/protocol';
import type { Database as Connection } from 'better-sqlite3';
import type { Committed, Outgoing } from './outgoing.js';
import type { NewEvent } from './new-event.js';
import { EventRepository } from './repositories/events.js';
import type { Sql } from './sql.js';

/** A running write transaction. It must not outlive the function it was given to. */
export interface Tx {
  readonly sql: Sql;
  /** Now, the same for everything in the transaction. Unix milliseconds. */
  readonly nowMs: number;
  /** Appends a durable event; it gets the next seq. */
  emit(event: NewEvent): GoalEvent;
  /** Queues a notification to leave after the commit, in order. */
  tell(notification: Outgoing): void;
  /** Runs after the commit, before anything is told. Must not throw. */
  onCommit(callback: () => void): void;
}

export interface StoreOptions {
  readonly now: () => number;
  /** Receives what each commit has to tell. Must not throw. */
  readonly onCommitted: (committed: Committed) => void;
  /** An error after a commit: it must not look as if the commit had failed. Must not throw. */
  readonly onProblem: (error: unknown) => void;
}

/** The one writer. Every mutation commits together with the events it causes, and only then is anything told. */
export class Store {
  readonly sql: Sql;
  readonly events: EventRepository;
  readonly #db: Connection;
  readonly #options: StoreOptions;
  #headSeq: number;
  #writing = false;

  constructor(db: Connection, sql: Sql, options: StoreOptions) {
    this.#db = db;
    this.sql = sql;
    this.#options = options;
    this.events = new EventRepository(sql);
    this.#headSeq = this.events.headSeq();
  }

  /** seq of the newest committed event; 0 when there is none. */
  get headSeq(): number {
    return this.#headSeq;
  }

  /** Tells what is not stored, such as what clients should know while nothing can be. */
  tell(...outgoing: readonly Outgoing[]): void {
    this.#options.onCommitted({ events: [], outgoing });
  }

  /**
   * Runs `work` in one transaction. It must be synchronous; a throw rolls everything back and nothing is told. Throws
   * StoreUnavailableError where the store is the cause.
   */
  write<T>(work: (tx: Tx) => T): T {
    if (this.#writing) throw new Error('A transaction is already running.');
    const events: GoalEvent[] = [];
    const outgoing: Outgoing[] = [];
    const callbacks: (() => void)[] = [];
    const nowMs = this.#options.now();
    let open = true;
    const guard = (): void => {
      if (!open) throw new Error('The transaction is over.');
    };
    const tx: Tx = {
      sql: this.sql,
      nowMs,
      emit: (event) => {
        guard();
        const stored = this.events.append(this.#headSeq + events.length + 1, nowMs, event);
        events.push(stored);
        return stored;
      },
      tell: (notification) => {
        guard();
        outgoing.push(notification);
      },
      onCommit: (callback) => {
        guard();
        callbacks.push(callback);
      },
    };
    this.#writing = true;
    let result: T;
    try {
      result = this.#db.transaction(() => work(tx)).immediate();
    } catch (error) {
      this.sql.rolledBack();
      throw this.sql.health.failed(error);
    } finally {
      this.#writing = false;
      open = false;
    }
    this.#headSeq += events.length;
    if (events.length > 0) this.sql.health.worked();
    for (const callback of callbacks) {
      try {
        callback();
      } catch (error) {
        this.#options.onProblem(error);
      }
    }
    if (events.length > 0 || outgoing.length > 0) this.#options.onCommitted({ events, outgoing });
    return result;
  }
}
