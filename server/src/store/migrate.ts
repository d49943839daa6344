import type { Database } from 'better-sqlite3';
import { faultOf } from './store-fault.js';
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

/** A migration did not go through. The database is as it was before. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(path: string, step: Migration, from: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `${path} could not be brought from schema ${String(from)} to ${String(step.version)} (${step.name}): ${why}. ` +
        'It was left as it was. Start the goald that wrote it, or this one with another --home; and please report it.',
      { cause },
    );
  }
}

export interface MigrationOptions {
  /** Takes a backup of a database that holds something, before anything is changed. What it throws stops the migration. */
  readonly backup: (db: Database) => void;
  /** Passed around the steps of a database that is not new. */
  readonly failpoint: (name: string) => void;
}

export function schemaVersion(db: Database): number {
  const version = db.pragma('user_version', { simple: true });
  return typeof version === 'number' ? version : 0;
}

/** The schema this goald writes. */
export function newestSchema(known: readonly Migration[] = migrations): number {
  return known.at(-1)?.version ?? 0;
}

/** Refuses a database from the future. Reads only. */
export function assertNotNewer(db: Database, known: readonly Migration[] = migrations): void {
  const newest = newestSchema(known);
  const found = schemaVersion(db);
  if (found > newest) throw new NewerDatabaseError(db.name, found, newest);
}

/**
 * Brings the database to the newest schema: a backup first (unless it is new), then all missing migrations in one transaction.
 * Answers the versions it applied. Throws with the database as it was when a migration fails.
 */
export function migrate(
  db: Database,
  options: MigrationOptions,
  known: readonly Migration[] = migrations,
): readonly number[] {
  assertNotNewer(db, known);
  const from = schemaVersion(db);
  const missing = known.filter((migration) => migration.version > from);
  if (missing.length === 0) return [];
  const failpoint = from > 0 ? options.failpoint : (): void => undefined;
  if (from > 0) {
    failpoint('migration.beforeBackup');
    options.backup(db);
    failpoint('migration.afterBackup');
  }
  db.transaction(() => {
    for (const migration of missing) apply(db, migration, from, failpoint);
    failpoint('migration.beforeCommit');
  }).immediate();
  failpoint('migration.afterCommit');
  return missing.map((migration) => migration.version);
}

function apply(
  db: Database,
  migration: Migration,
  from: number,
  failpoint: (name: string) => void,
): void {
  failpoint('migration.beforeStep');
  try {
    db.exec(migration.sql);
    db.pragma(`user_version = ${String(migration.version)}`);
  } catch (error) {
    // A full disk is no fault of the migration.
    throw faultOf(error) === null ? new MigrationError(db.name, migration, from, error) : error;
  }
  failpoint('migration.afterStep');
}
