import type { Database as Connection } from 'better-sqlite3';
import { DamagedDatabaseError } from '../store-fault.js';
import { listBackups, type BackupReason } from './backup-files.js';
import { checkDatabaseGently } from './check-database.js';
import { takeBackup } from './take-backup.js';

export interface BackupKeeperOptions {
  readonly db: Connection;
  /** Absolute folder. */
  readonly folder: string;
  /** Age at which the newest backup is too old, in milliseconds; null: none are taken. Read at each use. */
  readonly everyMs: () => number | null;
  /** How many stay. Read at each use. */
  readonly kept: () => number;
  /** seq of the newest event: a store in which nothing happened needs no other backup. */
  readonly headSeq: () => number;
  readonly now: () => number;
  /** Calls back once at or after a time. */
  readonly schedule: (atMs: number, callback: () => void) => Disposable;
  readonly failpoint: (name: string) => void;
  /** A backup is there. Must not throw. */
  readonly onDone: (path: string) => void;
  /** None could be taken now; it is tried again. Must not throw. */
  readonly onProblem: (error: unknown) => void;
  /** The database itself is not whole. Must not throw. */
  readonly onDamage: (error: DamagedDatabaseError) => void;
}

/** A start has better things to do. */
const AFTER_START_MS = 60_000;
const AGAIN_MS = 15 * 60_000;

/** Takes a backup when the newest is too old: while the daemon runs, and when it stops. */
export class BackupKeeper implements AsyncDisposable {
  readonly #options: BackupKeeperOptions;
  readonly #stop = new AbortController();
  #timer: Disposable | null = null;
  #running: Promise<void> = Promise.resolve();
  #lastSeq: number | null = null;

  constructor(options: BackupKeeperOptions) {
    this.#options = options;
  }

  /** Watches the clock from now on. */
  start(): void {
    this.#arm(this.#options.now() + AFTER_START_MS);
  }

  /** The backup of a clean stop, if one is due. */
  async atStop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    await this.#running;
    const dueMs = this.#dueMs();
    if (dueMs !== null && dueMs <= this.#options.now()) await this.#take('stop');
  }

  /** Gives up what is under way; the database may be closed then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#stop.abort();
    await this.#running;
  }

  #arm(atMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.schedule(atMs, () => {
      this.#running = this.#onTime();
    });
  }

  async #onTime(): Promise<void> {
    const { now } = this.#options;
    const dueMs = this.#dueMs();
    const isDue = dueMs !== null && dueMs <= now();
    const worked = isDue ? await this.#take('regular') : true;
    if (this.#stop.signal.aborted) return;
    const next = worked ? (this.#dueMs() ?? now() + AGAIN_MS) : now() + AGAIN_MS;
    this.#arm(Math.max(next, now() + AFTER_START_MS));
  }

  /** When the newest backup is too old; null when none are wanted. */
  #dueMs(): number | null {
    const { everyMs, folder, headSeq, now } = this.#options;
    const every = everyMs();
    if (every === null) return null;
    if (this.#lastSeq === headSeq()) return now() + every;
    const newest = listBackups(folder)[0];
    // A clock that was set back must not put off the next one for long.
    return newest === undefined ? 0 : Math.min(newest.atMs, now()) + every;
  }

  /** False when it did not work and is worth another try. */
  async #take(reason: BackupReason): Promise<boolean> {
    const { db, folder, kept, headSeq, now, failpoint, onDone, onProblem } = this.#options;
    const seq = headSeq();
    const { signal } = this.#stop;
    try {
      const plan = { folder, reason, nowMs: now(), kept: kept(), failpoint, signal };
      onDone(await takeBackup(db, plan));
      this.#lastSeq = seq;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      onProblem(error);
      if (error instanceof DamagedDatabaseError) await this.#lookAtSource();
      return false;
    }
  }

  async #lookAtSource(): Promise<void> {
    const { db, onDamage, onProblem } = this.#options;
    try {
      await checkDatabaseGently(db);
    } catch (error) {
      if (error instanceof DamagedDatabaseError) onDamage(error);
      else onProblem(error);
    }
  }
}
