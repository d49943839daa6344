import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { checkDatabase, type CheckDepth } from './backups/check-database.js';
import { addFold } from './fold.js';
import { assertNotNewer, migrate, type MigrationOptions } from './migrate.js';

export interface OpenOptions {
  /** Absolute file, made with mode 0600, in a folder made with 0700. */
  readonly path: string;
  /** NORMAL survives a crash of ours; FULL survives a power cut as well. */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** How closely to look at what is there; null: it is taken as it is. */
  readonly check: CheckDepth | null;
  /** What happens around a migration. */
  readonly migration: MigrationOptions;
}

/** How long the write-ahead log grows, in pages of 4 KiB: each time it is folded into the file, a commit waits for the disk. */
const CHECKPOINT_PAGES = 4000;

/** Pages SQLite may keep in memory, in KiB. It takes what it reads, so a small store takes little. */
const CACHE_KIB = 16_000;

/**
 * Opens the store's database and brings it to the newest schema. The caller closes it. Throws NewerDatabaseError,
 * DamagedDatabaseError, MigrationError and what SQLite throws, with nothing left open.
 */
export function openDatabase(options: OpenOptions): Connection {
  const { path, check } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const isInspected = [path, `${path}-wal`].every((file) => existsSync(file));
  if (isInspected) inspect(path, check);
  else makePrivate(path);
  const db = new Database(path);
  try {
    assertNotNewer(db);
    if (!isInspected && check !== null) checkDatabase(db, check);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${options.synchronous}`);
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    db.pragma(`wal_autocheckpoint = ${String(CHECKPOINT_PAGES)}`);
    db.pragma(`cache_size = -${String(CACHE_KIB)}`);
    const migrated = migrate(db, options.migration);
    // Whoever loses the log shall not lose the tables with it.
    if (migrated.length > 0) db.pragma('wal_checkpoint(TRUNCATE)');
    addFold(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Conversations stand in it, and secrets: a home that others may look into must not show them. Files beside it get its mode from SQLite. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    // SQLite is about to say what is wrong.
  }
}

/** Closing a writable connection would fold a write-ahead log that a killed daemon left into the file: look through a readonly one. */
function inspect(path: string, check: CheckDepth | null): void {
  const db = new Database(path, { readonly: true });
  try {
    assertNotNewer(db);
    if (check !== null) checkDatabase(db, check);
  } finally {
    db.close();
  }
}
