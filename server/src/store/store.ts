import type { GoalEvent } from '@goald/protocol';
import type { Database as Connection } from 'better-sqlite3';
import type { Committed, Outgoing } from './outgoing.js';
import type { NewEvent } from './new-event.js';
import { EventRepository } from './repositories/events.js';
import type { Sql } from './sql.js';
import { Transactions } from './transaction.js';

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

/** How one piece of work of a group ended. */
export type Outcome<T> =
  { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: Error };

/** What a transaction leaves to be done after its commit. */
interface Aftermath {
  readonly events: GoalEvent[];
  readonly outgoing: Outgoing[];
  readonly callbacks: (() => void)[];
}

/** The one writer. Every mutation commits together with the events it causes, and only then is anything told. */
export class Store {
  readonly sql: Sql;
  readonly events: EventRepository;
  readonly #transactions: Transactions;
  readonly #options: StoreOptions;
  #headSeq: number;
  #writing = false;
  /** What the writes of the running group have left so far. */
  #group: Aftermath | undefined;

  constructor(db: Connection, sql: Sql, options: StoreOptions) {
    this.#transactions = new Transactions(db);
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
   * Runs `work` in one transaction. It must be synchronous; a throw rolls everything back and nothing is told. Inside a group it shares
   * the commit of the group. Throws StoreUnavailableError where the store is the cause.
   */
  write<T>(work: (tx: Tx) => T): T {
    if (this.#writing) throw new Error('A transaction is already running.');
    const group = this.#group;
    const left = emptyAftermath();
    if (group === undefined) {
      const result = this.#run(work, left, this.#headSeq + 1);
      this.#told(left);
      return result;
    }
    const result = this.#run(work, left, this.#headSeq + group.events.length + 1);
    for (const event of left.events) group.events.push(event);
    for (const one of left.outgoing) group.outgoing.push(one);
    for (const callback of left.callbacks) group.callbacks.push(callback);
    return result;
  }

  /**
   * Runs each work, one after the other, with one commit for all that they write; a work that fails undoes only its own writes. When
   * the commit itself fails, every work has failed, also those that were refused: what they were refused for is not so.
   */
  group<T>(works: readonly (() => T)[]): Outcome<T>[] {
    if (this.#writing || this.#group !== undefined) {
      throw new Error('A transaction is already running.');
    }
    const [only] = works;
    if (works.length === 1 && only !== undefined) return [attempt(only)];
    const left = emptyAftermath();
    this.#group = left;
    let outcomes: Outcome<T>[];
    try {
      outcomes = this.#transactions.whole(() => works.map(attempt));
    } catch (thrown) {
      this.sql.rolledBack();
      const error = asError(this.sql.health.failed(thrown));
      return works.map(() => ({ ok: false, error }));
    } finally {
      this.#group = undefined;
    }
    this.#told(left);
    return outcomes;
  }

  #run<T>(work: (tx: Tx) => T, left: Aftermath, firstSeq: number): T {
    const { tx, close } = this.#open(left, firstSeq);
    const runs = this.sql.runs;
    const transact = (): T => work(tx);
    this.#writing = true;
    try {
      return this.#group === undefined
        ? this.#transactions.whole(transact)
        : this.#transactions.part(transact);
    } catch (error) {
      if (this.sql.runs !== runs) this.sql.rolledBack();
      throw this.sql.health.failed(error);
    } finally {
      this.#writing = false;
      close();
    }
  }

  #open(left: Aftermath, firstSeq: number): { tx: Tx; close: () => void } {
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
        const stored = this.events.append(firstSeq + left.events.length, nowMs, event);
        left.events.push(stored);
        return stored;
      },
      tell: (notification) => {
        guard();
        left.outgoing.push(notification);
      },
      onCommit: (callback) => {
        guard();
        left.callbacks.push(callback);
      },
    };
    return {
      tx,
      close: () => {
        open = false;
      },
    };
  }

  /** After the commit. */
  #told({ events, outgoing, callbacks }: Aftermath): void {
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
  }
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, result: work() };
  } catch (error) {
    return { ok: false, error: asError(error) };
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

const emptyAftermath = (): Aftermath => ({ events: [], outgoing: [], callbacks: [] });
