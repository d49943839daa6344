import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { addFold } from './fold.js';
import { assertNotNewer, migrate } from './migrate.js';

export interface OpenOptions {
  /** Absolute file. Its folder is made with mode 0700. */
  readonly path: string;
  /** NORMAL survives a crash of ours; FULL survives a power cut as well. */
  readonly synchronous: 'NORMAL' | 'FULL';
}

/** Opens the store's database and brings it to the newest schema. The caller closes it. */
export function openDatabase(options: OpenOptions): Connection {
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  if ([options.path, `${options.path}-wal`].every((file) => existsSync(file)))
    refuseNewer(options.path);
  const db = new Database(options.path);
  try {
    assertNotNewer(db);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${options.synchronous}`);
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    migrate(db);
    addFold(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Closing a writable connection would fold a write-ahead log that a killed daemon left into the file: look through a readonly one. */
function refuseNewer(path: string): void {
  const db = new Database(path, { readonly: true });
  try {
    assertNotNewer(db);
  } finally {
    db.close();
  }
}
