import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { HomePaths } from '@goald/protocol';
import Database, { type Database as Connection } from 'better-sqlite3';
import { listBackups } from '../store/backups/backup-files.js';
import { checkDatabase } from '../store/backups/check-database.js';
import { damageOfFiles, sizeOf } from '../store/backups/find-damage.js';
import { recentNotice, type RecoveryNote } from '../store/backups/recovery-note.js';
import { newestSchema, schemaVersion } from '../store/migrate.js';
import { ageText, bytesText, fail, ok, warn, type Check } from './finding.js';

export interface DatabaseChecksOptions {
  readonly paths: HomePaths;
  readonly nowMs: number;
  /** A daemon has the database open: it is read where it lies. Else a copy is, so that nothing there changes. */
  readonly isRunning: () => Promise<boolean>;
  /** Age at which the newest backup is too old, in milliseconds; null: none are wanted. */
  readonly backupEveryMs: number | null;
}

export function databaseChecks(options: DatabaseChecksOptions): readonly Check[] {
  return [
    { id: 'database', run: () => databaseFinding(options) },
    { id: 'backups', run: () => backupsFinding(options) },
  ];
}

async function databaseFinding(options: DatabaseChecksOptions): Promise<ReturnType<typeof ok>> {
  const { paths, nowMs } = options;
  const { database, backups } = paths;
  const bytes = sizeOf(database);
  if (bytes === null) return ok('there is none yet; the first start makes it');
  const isRunning = await options.isRunning();
  const endedWell = isRunning || !existsSync(paths.serviceFile);
  const damage = damageOfFiles({ path: database, backups, endedWell });
  if (damage !== null) return damaged(damage, backups);
  let look: Look;
  try {
    look = isRunning ? lookAt(database) : lookAtCopy(database);
  } catch (error) {
    return damaged(error instanceof Error ? error.message : String(error), backups);
  }
  const what = `schema ${String(look.schema)}, ${bytesText(bytes)}, whole`;
  if (look.schema > newestSchema()) {
    return fail(
      `${database} was written by a newer goald (schema ${String(look.schema)}, this one knows ${String(newestSchema())})`,
      'Update goald, or use another --home.',
    );
  }
  const notice = recentNotice(look.note, nowMs);
  if (notice !== null) {
    return warn(
      `${what}. ${notice}`,
      'Look at the paused goals, and keep or delete the files kept aside.',
    );
  }
  const aside = keptAside(database);
  if (aside.length > 0) {
    const size = aside.reduce((sum, file) => sum + (sizeOf(file) ?? 0), 0);
    return warn(
      `${what}; damaged files kept aside: ${bytesText(size)}`,
      `Delete them when you need them no more: ${aside.join(' ')}`,
    );
  }
  return ok(look.schema < newestSchema() ? `${what}; the next start brings it up to date` : what);
}

function backupsFinding(options: DatabaseChecksOptions): ReturnType<typeof ok> {
  const { paths, nowMs, backupEveryMs } = options;
  const all = listBackups(paths.backups);
  const [newest] = all;
  if (newest === undefined) {
    return sizeOf(paths.database) === null
      ? ok('none yet')
      : warn(
          `none in ${paths.backups}`,
          backupEveryMs === null
            ? 'store.backupEveryHours is 0: set it to 24 to have one a day.'
            : 'Let goald run for some minutes, or stop it once: goal daemon stop.',
        );
  }
  const bytes = all.reduce((sum, backup) => sum + backup.bytes, 0);
  const age = nowMs - newest.atMs;
  const what = `${String(all.length)}, the newest ${ageText(age)} old, ${bytesText(bytes)} in all`;
  const isLate =
    backupEveryMs !== null &&
    age > 2 * backupEveryMs &&
    (statSync(paths.database, { throwIfNoEntry: false })?.mtimeMs ?? 0) >
      newest.atMs + backupEveryMs;
  return isLate
    ? warn(what, `It should be younger. The log in ${paths.logs} says why none was taken.`)
    : ok(what);
}

function damaged(what: string, folder: string): ReturnType<typeof ok> {
  const [newest] = listBackups(folder);
  return fail(
    `damaged: ${what}`,
    newest === undefined
      ? `There is no backup in ${folder}. The next start keeps the file aside and begins a new store; copy your own backup to its place before that if you have one.`
      : `The next start keeps the file aside and restores the backup of ${new Date(newest.atMs).toISOString()} (goal daemon start).`,
  );
}

interface Look {
  readonly schema: number;
  readonly note: RecoveryNote | null;
}

/** Throws when the database is not whole. */
function lookAt(path: string): Look {
  const db = new Database(path, { readonly: true });
  try {
    checkDatabase(db, 'full');
    return { schema: schemaVersion(db), note: noteIn(db) };
  } finally {
    db.close();
  }
}

/** Even a reader leaves files beside a database. */
function lookAtCopy(path: string): Look {
  const folder = mkdtempSync(join(tmpdir(), 'goald-doctor-'));
  try {
    const copy = join(folder, basename(path));
    for (const part of ['', '-wal']) {
      if (existsSync(`${path}${part}`)) copyFileSync(`${path}${part}`, `${copy}${part}`);
    }
    return lookAt(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function noteIn(db: Connection): RecoveryNote | null {
  const hasMeta = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
  if (!hasMeta) return null;
  const text: unknown = db.prepare("SELECT value FROM meta WHERE key = 'recovery'").pluck().get();
  return typeof text === 'string' ? (JSON.parse(text) as RecoveryNote) : null;
}

/** Damaged databases that earlier starts kept aside, logs among them. */
function keptAside(path: string): string[] {
  const begin = `${basename(path)}.corrupt-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(begin))
    .map((name) => join(dirname(path), name));
}
