import { existsSync, rmSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import type { CheckDepth } from './backups/check-database.js';
import { damageOfFiles, sizeOf, suspectFile } from './backups/find-damage.js';
import { finishRestore, restore } from './backups/restore.js';
import { takeBackupNow } from './backups/take-backup.js';
import { openDatabase } from './open-database.js';
import { faultOf } from './store-fault.js';

export interface OpenOrRestoreOptions {
  /** Absolute file of the database. */
  readonly path: string;
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Folder of the backups, and how many stay. */
  readonly backups: string;
  readonly backupsKept: number;
  /** A file that the daemon before has left behind if it did not close the store itself. Removed before the store is changed. */
  readonly leftBehind: string;
  readonly now: () => number;
  readonly failpoint: (name: string) => void;
}

/** Up to this size every start looks at every page, which takes some 30 ms at most; beyond it only one after a daemon that died. */
const ALWAYS_CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * Opens the database. One that is damaged is put aside and the last backup takes its place, or a new one where there is none; the database
 * says so in its note `recovery`. Throws what `openDatabase` throws for anything else.
 */
export function openOrRestore(options: OpenOrRestoreOptions): Connection {
  const { path, backups, failpoint, now, leftBehind } = options;
  const endedWell = !existsSync(leftBehind);
  // What a restore has put in place was looked at, and has no log yet.
  const restored = finishRestore(options);
  let damage = restored ? null : damageOfFiles({ path, backups, endedWell });
  if (damage === null) {
    // From here on the log may go with the next close: it says nothing any more.
    rmSync(leftBehind, { force: true });
    try {
      return opened(options, depthFor(path, endedWell));
    } catch (error) {
      if (faultOf(error) !== 'corrupt') throw error;
      damage = error instanceof Error ? error.message : String(error);
    }
  }
  restore(damage, { path, backups, leftBehind, nowMs: now(), failpoint });
  const db = opened(options, null);
  failpoint('restore.opened');
  return db;
}

function opened(options: OpenOrRestoreOptions, check: CheckDepth | null): Connection {
  const { path, synchronous, backups, backupsKept, now, failpoint } = options;
  const db = openDatabase({
    path,
    synchronous,
    check,
    migration: {
      backup: (from) => {
        takeBackupNow(from, {
          folder: backups,
          reason: 'migration',
          nowMs: now(),
          kept: backupsKept,
          failpoint,
        });
      },
      failpoint,
    },
  });
  rmSync(suspectFile(path), { force: true });
  return db;
}

function depthFor(path: string, endedWell: boolean): CheckDepth | null {
  const size = sizeOf(path);
  if (size === null) return null;
  if (existsSync(suspectFile(path))) return 'full';
  return size <= ALWAYS_CHECKED_BYTES || !endedWell ? 'quick' : null;
}
