import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import {
  backupPath,
  makePrivateFile,
  pruneBackups,
  syncToDisk,
  type BackupReason,
} from './backup-files.js';
import { checkDatabase, checkDatabaseGently } from './check-database.js';

export interface BackupOptions {
  /** Absolute folder; made (0700) if it is not there. */
  readonly folder: string;
  readonly reason: BackupReason;
  readonly nowMs: number;
  /** How many stay, this one among them. */
  readonly kept: number;
  readonly failpoint: (name: string) => void;
}

/** Pages copied before others have their turn: about 4 ms at most. */
const PAGES_A_STEP = 256;

/**
 * Copies the database while it is in use, a few pages at a time, and checks the copy before it gets its name. Answers its path. Rejects
 * with DamagedDatabaseError when the copy is not whole, with the signal's reason, or with what SQLite or the disk says; no half of
 * a backup is left, and the ones before stay.
 */
export async function takeBackup(
  db: Connection,
  options: BackupOptions & { readonly signal: AbortSignal },
): Promise<string> {
  const { failpoint, signal } = options;
  const draft = openDraft(options);
  try {
    await db.backup(draft, {
      progress: () => {
        signal.throwIfAborted();
        return PAGES_A_STEP;
      },
    });
    failpoint('backup.copied');
    const copy = new Database(draft);
    try {
      alone(copy);
      await checkDatabaseGently(copy);
    } finally {
      copy.close();
    }
    signal.throwIfAborted();
    return publish(draft, options);
  } catch (error) {
    removeDraft(draft);
    throw error;
  }
}

/** The same at once, while nothing else may happen. */
export function takeBackupNow(db: Connection, options: BackupOptions): string {
  const draft = openDraft(options);
  try {
    db.prepare('VACUUM INTO ?').run(draft);
    options.failpoint('backup.copied');
    const copy = new Database(draft, { readonly: true });
    try {
      checkDatabase(copy, 'quick');
    } finally {
      copy.close();
    }
    return publish(draft, options);
  } catch (error) {
    removeDraft(draft);
    throw error;
  }
}

function openDraft({ folder, nowMs, reason, failpoint }: BackupOptions): string {
  const draft = `${backupPath(folder, nowMs, reason)}.draft`;
  failpoint('backup.beforeCopy');
  makePrivateFile(draft);
  return draft;
}

/** A copy of a database in WAL mode would want files beside it. */
function alone(copy: Connection): void {
  copy.pragma('journal_mode = DELETE');
}

function publish(draft: string, { folder, nowMs, reason, kept, failpoint }: BackupOptions): string {
  const path = backupPath(folder, nowMs, reason);
  syncToDisk(draft);
  failpoint('backup.checked');
  renameSync(draft, path);
  syncToDisk(dirname(path));
  failpoint('backup.done');
  pruneBackups(folder, kept);
  return path;
}

function removeDraft(draft: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true });
}
