import type { Database } from 'better-sqlite3';
import { migrations, type Migration } from './migrations/index.js';

/** The database was written by a newer goald. It is left untouched. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';

  constructor(path: string, found: number, known: number) {
    super(
      `${path} was written by a newer goald (schema ${String(found)}, this one knows ${String(known)}). ` +
        'Nothing was changed. Update goald, or start it with another --home.',
    );
  }
}

function schemaVersion(db: Database): number {
  const version = db.pragma('user_version', { simple: true });
  return typeof version === 'number' ? version : 0;
}

/** Refuses a database from the future. Reads only. */
export function assertNotNewer(db: Database, known: readonly Migration[] = migrations): void {
  const newest = known.at(-1)?.version ?? 0;
  const found = schemaVersion(db);
  if (found > newest) throw new NewerDatabaseError(db.name, found, newest);
}

/**
 * Brings the database to the newest schema: a backup beside it first (unless it is new), then all missing migrations in one transaction.
 * Answers the versions it applied. Throws with the database as it was when a migration fails.
 */
export function migrate(db: Database, known: readonly Migration[] = migrations): readonly number[] {
  assertNotNewer(db, known);
  const from = schemaVersion(db);
  const missing = known.filter((migration) => migration.version > from);
  const last = missing.at(-1);
  if (last === undefined) return [];
  if (from > 0) {
    db.prepare('VACUUM INTO ?').run(`${db.name}.backup-v${String(from)}-${String(Date.now())}`);
  }
  db.transaction(() => {
    for (const migration of missing) db.exec(migration.sql);
    db.pragma(`user_version = ${String(last.version)}`);
  }).immediate();
  return missing.map((migration) => migration.version);
}
