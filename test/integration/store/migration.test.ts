import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listBackups } from '@goald/server/store/backups/backup-files.js';
import { takeBackupNow } from '@goald/server/store/backups/take-backup.js';
import {
  assertNotNewer,
  migrate as migrateWith,
  MigrationError,
  NewerDatabaseError,
  type MigrationOptions,
} from '@goald/server/store/migrate.js';
import { migrations, type Migration } from '@goald/server/store/migrations/index.js';
import { openDatabase as openWith } from '@goald/server/store/open-database.js';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from './support/open-store.js';

const ONE: Migration = {
  version: 1,
  name: 'one',
  sql: "CREATE TABLE note (text TEXT NOT NULL) STRICT; INSERT INTO note VALUES ('kept');",
};
const TWO: Migration = {
  version: 2,
  name: 'two',
  sql: 'ALTER TABLE note ADD COLUMN stars INTEGER NOT NULL DEFAULT 3;',
};
const THREE: Migration = {
  version: 3,
  name: 'three',
  sql: 'CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT; UPDATE note SET stars = 5;',
};
const BROKEN: Migration = {
  version: 3,
  name: 'broken',
  sql: 'CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);',
};

const quiet = (): void => undefined;

/** As the daemon migrates: with a backup in `backups/` beside the file. */
const options = (failpoint: (name: string) => void = quiet): MigrationOptions => ({
  backup: (db) => {
    const folder = join(dirname(db.name), 'backups');
    takeBackupNow(db, { folder, reason: 'migration', nowMs: Date.now(), kept: 7, failpoint });
  },
  failpoint,
});

const migrate = (db: Database.Database, known: readonly Migration[]): readonly number[] =>
  migrateWith(db, options(), known);

const openDatabase = (path: string, synchronous: 'NORMAL' | 'FULL' = 'NORMAL') =>
  openWith({ path, synchronous, check: 'quick', migration: options() });

function open(path: string): Database.Database {
  const db = new Database(path);
  onTestFinished(() => {
    db.close();
  });
  return db;
}

function databaseAt(versions: readonly Migration[]): Database.Database {
  const db = open(join(tempFolder(), 'goald.db'));
  migrate(db, versions);
  return db;
}

const version = (db: Database.Database): unknown => db.pragma('user_version', { simple: true });
const notes = (db: Database.Database): unknown[] => db.prepare('SELECT * FROM note').all();
const tables = (db: Database.Database): unknown[] =>
  db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
const backups = (path: string): string[] =>
  listBackups(join(dirname(path), 'backups')).map((backup) => backup.path);

/** Name and hash of every file in a folder. */
const filesIn = (folder: string): [string, string][] =>
  (existsSync(folder) ? readdirSync(folder) : []).sort().map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ]);

describe('migrations', () => {
  it('have rising numbers', () => {
    const versions = migrations.map((each) => each.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(versions[0]).toBe(1);
  });

  it('bring a new file to the newest schema, without a backup of nothing', () => {
    const db = open(join(tempFolder(), 'goald.db'));
    expect(migrate(db, [ONE, TWO])).toEqual([1, 2]);
    expect(version(db)).toBe(2);
    expect(backups(db.name)).toEqual([]);
  });

  it('run only what is missing, and back the file up as it was before', () => {
    const db = databaseAt([ONE]);
    expect(migrate(db, [ONE, TWO, THREE])).toEqual([2, 3]);
    expect(version(db)).toBe(3);
    expect(notes(db)).toEqual([{ text: 'kept', stars: 5 }]);
    const [name, ...more] = backups(db.name);
    expect(more).toEqual([]);
    expect(statSync(name ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(dirname(name ?? '')).mode & 0o777).toBe(0o700);
    const backup = open(name ?? '');
    expect(version(backup)).toBe(1);
    expect(notes(backup)).toEqual([{ text: 'kept' }]);
    expect(backup.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('do nothing to a file that is up to date', () => {
    const db = databaseAt([ONE, TWO]);
    expect(migrate(db, [ONE, TWO])).toEqual([]);
    expect(backups(db.name)).toEqual([]);
    expect(notes(db)).toEqual([{ text: 'kept', stars: 3 }]);
  });

  it('that fail leave the file as it was, all of them, and the backup beside it', () => {
    const db = databaseAt([ONE]);
    const migrating = (): unknown => migrate(db, [ONE, TWO, BROKEN]);
    expect(migrating).toThrow(MigrationError);
    expect(migrating).toThrow(/schema 1 to 3 \(broken\).*nowhere.*left as it was/s);
    expect(version(db)).toBe(1);
    expect(tables(db)).toEqual(['note']);
    expect(notes(db)).toEqual([{ text: 'kept' }]);
    expect(db.inTransaction).toBe(false);
    expect(backups(db.name)).toHaveLength(2);
    expect(migrate(db, [ONE, TWO, THREE])).toEqual([2, 3]);
  });

  it.each([
    'migration.beforeBackup',
    'backup.beforeCopy',
    'backup.copied',
    'backup.checked',
    'migration.afterBackup',
    'migration.beforeStep',
    'migration.afterStep',
    'migration.beforeCommit',
  ])(
    'that end at %s leave the file as it was, no half of a backup, and can be made again',
    (at) => {
      const db = databaseAt([ONE]);
      const stop = (name: string): void => {
        if (name === at) throw new Error(`stopped at ${name}`);
      };
      expect(() => migrateWith(db, options(stop), [ONE, TWO, THREE])).toThrow(`stopped at ${at}`);
      expect(version(db)).toBe(1);
      expect(notes(db)).toEqual([{ text: 'kept' }]);
      const folder = join(dirname(db.name), 'backups');
      expect(filesIn(folder).map(([name]) => join(folder, name))).toEqual(backups(db.name));
      expect(migrate(db, [ONE, TWO, THREE])).toEqual([2, 3]);
      expect(version(db)).toBe(3);
      expect(notes(db)).toEqual([{ text: 'kept', stars: 5 }]);
    },
  );
});

describe('a database of a newer goald', () => {
  const newer = (migrations.at(-1)?.version ?? 0) + 1;

  function newerDatabase(mode: 'DELETE' | 'WAL'): string {
    const path = join(tempFolder(), 'goald.db');
    const db = open(path);
    db.pragma(`journal_mode = ${mode}`);
    db.exec(ONE.sql);
    db.pragma(`user_version = ${newer}`);
    db.close();
    return path;
  }

  it.each(['DELETE', 'WAL'] as const)(
    'is refused, says what to do, and is left byte for byte as it was (journal %s)',
    (mode) => {
      const path = newerDatabase(mode);
      const before = filesIn(dirname(path));
      const modified = statSync(path).mtimeMs;
      const opening = (): unknown => openDatabase(path);
      expect(opening).toThrow(NewerDatabaseError);
      expect(opening).toThrow(`schema ${newer}, this one knows ${newer - 1}`);
      expect(opening).toThrow(/newer goald.*Nothing was changed.*--home/s);
      expect(filesIn(dirname(path))).toEqual(before);
      expect(statSync(path).mtimeMs).toBe(modified);
    },
  );

  it('whose daemon was killed keeps its write-ahead log as well', () => {
    const source = newerDatabase('WAL');
    const writer = open(source);
    writer.exec("INSERT INTO note VALUES ('only in the log')");
    const folder = tempFolder();
    for (const name of ['goald.db', 'goald.db-wal']) {
      copyFileSync(join(dirname(source), name), join(folder, name));
    }
    const kept = () => filesIn(folder).filter(([name]) => !name.endsWith('-shm'));
    const before = kept();
    expect(before.map(([name]) => name)).toEqual(['goald.db', 'goald.db-wal']);
    const opening = (): unknown => openDatabase(join(folder, 'goald.db'));
    expect(opening).toThrow(NewerDatabaseError);
    expect(kept()).toEqual(before);
  });

  it('is refused before any migration runs', () => {
    const db = databaseAt([ONE, TWO, THREE]);
    expect(() => migrate(db, [ONE, TWO])).toThrow(NewerDatabaseError);
    expect(() => {
      assertNotNewer(db, [ONE, TWO]);
    }).toThrow(NewerDatabaseError);
    expect(version(db)).toBe(3);
    expect(backups(db.name)).toEqual([]);
  });
});

describe('the store’s database', () => {
  it('is made with its folder, which only the user may read', () => {
    const path = join(tempFolder(), 'deep', 'state', 'goald.db');
    const db = openDatabase(path);
    onTestFinished(() => {
      db.close();
    });
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(version(db)).toBe(migrations.at(-1)?.version);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  it.each([
    ['NORMAL', 1],
    ['FULL', 2],
  ] as const)('syncs as configured: %s', (synchronous, value) => {
    const db = openDatabase(join(tempFolder(), 'goald.db'), synchronous);
    onTestFinished(() => {
      db.close();
    });
    expect(db.pragma('synchronous', { simple: true })).toBe(value);
  });

  it('that is no database is refused and left alone', () => {
    const path = join(tempFolder(), 'goald.db');
    copyFileSync(import.meta.filename, path);
    const before = filesIn(dirname(path));
    expect(() => openDatabase(path)).toThrow('not a database');
    expect(filesIn(dirname(path))).toEqual(before);
  });
});
