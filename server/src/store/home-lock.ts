import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';

/** Another daemon already owns this home. */
export class HomeLockedError extends Error {
  override readonly name = 'HomeLockedError';

  constructor(home: string) {
    super(`Another goald already runs for ${home}.`);
  }
}

/**
 * Takes the home for this process by an exclusive lock on a small SQLite file; the kernel frees it when the process dies, however it dies.
 * Throws HomeLockedError when another process has it.
 */
export function lockHome(path: string): Disposable {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new HomeLockedError(dirname(path));
    }
    throw error;
  }
  return {
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
