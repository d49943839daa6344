import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { v7 as uuid } from 'uuid';
import { assertNotNewer, migrate } from '../migrate.js';
import { listBackups, makePrivateFile, stampOf, syncToDisk } from './backup-files.js';
import { checkDatabase } from './check-database.js';
import type { RecoveryNote } from './recovery-note.js';

export interface RestoreOptions {
  /** Absolute file of the damaged database. */
  readonly path: string;
  /** Folder of the backups. */
  readonly backups: string;
  /** What the daemon before has left behind: it says nothing of the restored store. */
  readonly leftBehind: string;
  readonly nowMs: number;
  readonly failpoint: (name: string) => void;
}

interface Candidate {
  readonly path: string;
  /** null: the database itself, without its write-ahead log. */
  readonly atMs: number | null;
}

const PARTS = ['-wal', '-shm', ''] as const;
const RESTORING = '.restoring-';
const DRAFT = '.draft';

/**
 * Puts the damaged database aside and the best that is left in its place, with an epoch of its own: the newest backup that is whole, the
 * database itself when it is whole without its log and knows more than the backup, else a new one. A process that dies on the way
 * leaves either the damaged database or a restore that `finishRestore` ends.
 */
export function restore(damage: string, options: RestoreOptions): void {
  const { path, nowMs, failpoint } = options;
  const stamp = stampOf(nowMs);
  const prepared = `${path}${RESTORING}${stamp}`;
  const draft = `${prepared}${DRAFT}`;
  failpoint('restore.before');
  const { source, unusable } = fillDraft(draft, options);
  const note: RecoveryNote = {
    atMs: nowMs,
    damage,
    keptAs: PARTS.filter((part) => existsSync(`${path}${part}`)).map((part) =>
      asidePath(path, stamp, part),
    ),
    source: source === null ? 'none' : source.atMs === null ? 'database' : 'backup',
    lostSinceMs: source?.atMs ?? null,
    unusable,
    told: false,
  };
  sign(draft, note);
  syncToDisk(draft);
  renameSync(draft, prepared);
  syncToDisk(dirname(path));
  failpoint('restore.prepared');
  finishRestore(options);
}

/** Ends a restore that another process began, if there is one. Answers whether there was. */
export function finishRestore({
  path,
  leftBehind,
  failpoint,
}: Pick<RestoreOptions, 'path' | 'leftBehind' | 'failpoint'>): boolean {
  const folder = dirname(path);
  const begin = `${basename(path)}${RESTORING}`;
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.startsWith(begin))
    : [];
  for (const name of names.filter((one) => one.includes(DRAFT))) {
    rmSync(join(folder, name), { force: true });
  }
  const prepared = names.filter((name) => !name.includes(DRAFT)).sort();
  for (const name of prepared) {
    const stamp = name.slice(begin.length);
    rmSync(leftBehind, { force: true });
    // The log goes first: left beside the restored file it would be taken for its own.
    for (const part of PARTS) {
      const from = `${path}${part}`;
      if (existsSync(from)) renameSync(from, asidePath(path, stamp, part));
      failpoint('restore.aside');
    }
    syncToDisk(folder);
    renameSync(join(folder, name), path);
    syncToDisk(folder);
    failpoint('restore.done');
  }
  return prepared.length > 0;
}

function asidePath(path: string, stamp: string, part: string): string {
  return `${path}.corrupt-${stamp}${part}`;
}

/** Copies the best candidate into the draft, or makes a new database there. */
function fillDraft(
  draft: string,
  { path, backups }: RestoreOptions,
): { source: Candidate | null; unusable: string[] } {
  const unusable: string[] = [];
  let best: { candidate: Candidate; headSeq: number } | null = null;
  for (const backup of listBackups(backups)) {
    const headSeq = headSeqOf(backup.path, draft);
    if (headSeq !== null) {
      best = { candidate: backup, headSeq };
      break;
    }
    unusable.push(backup.path);
  }
  const own = existsSync(path) ? headSeqOf(path, draft) : null;
  if (own !== null && own > (best?.headSeq ?? 0)) {
    best = { candidate: { path, atMs: null }, headSeq: own };
  }
  makePrivateFile(draft);
  if (best === null) {
    const db = new Database(draft);
    migrate(db, { backup: () => undefined, failpoint: () => undefined });
    db.close();
    return { source: null, unusable };
  }
  copyFileSync(best.candidate.path, draft);
  return { source: best.candidate, unusable };
}

/** The newest seq in a database, looked for in a copy at `scratch`; null when it is not whole or not one this goald can read. */
function headSeqOf(path: string, scratch: string): number | null {
  let db: Connection | null = null;
  try {
    makePrivateFile(scratch);
    copyFileSync(path, scratch);
    db = new Database(scratch);
    db.pragma('journal_mode = DELETE');
    assertNotNewer(db);
    checkDatabase(db, 'full');
    const seq: unknown = db.prepare('SELECT max(seq) FROM goal_event').pluck().get();
    return Number(seq ?? 0);
  } catch {
    return null;
  } finally {
    db?.close();
    for (const part of PARTS) rmSync(`${scratch}${part}`, { force: true });
  }
}

/** Whoever holds a cursor of the store before must learn that it is void; a trust taken back since must not return. */
function sign(draft: string, note: RecoveryNote): void {
  const db = new Database(draft);
  try {
    db.pragma('journal_mode = DELETE');
    const set = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
    db.transaction(() => {
      set.run('storeEpoch', uuid());
      set.run('recovery', JSON.stringify(note));
      forgetTrust(db);
    }).immediate();
  } finally {
    db.close();
  }
}

/** A backup from before folders were trusted has no table of them. */
function forgetTrust(db: Connection): void {
  const table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'folder_trust'";
  if (db.prepare(table).get() !== undefined) db.prepare('DELETE FROM folder_trust').run();
}
