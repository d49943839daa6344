import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecoveryNote } from '@goald/server/store/backups/recovery-note.js';
import { takeBackupNow } from '@goald/server/store/backups/take-backup.js';
import { openOrRestore } from '@goald/server/store/open-or-restore.js';
import { createRepositories } from '@goald/server/store/repositories/index.js';
import { Sql } from '@goald/server/store/sql.js';
import { Store } from '@goald/server/store/store.js';
import type { Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';

export const T0 = Date.parse('2026-01-02T03:04:05.678Z');

/** A state folder as a daemon has it, and what a daemon does to it. */
export interface Home {
  readonly folder: string;
  readonly path: string;
  readonly backups: string;
  /** service.json. */
  readonly serviceFile: string;
  nowMs: number;
  open(failpoint?: (name: string) => void): Opened;
  files(): string[];
}

export interface Opened extends Disposable {
  readonly db: Database;
  readonly store: Store;
  readonly epoch: string | undefined;
  readonly note: RecoveryNote | null;
  /** Writes an event whose data is `text`. */
  say(text: string): void;
  /** Everything said, oldest first. */
  said(): unknown[];
  backup(): string;
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'goald-safe-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'goald.db');
  const home: Home = {
    folder,
    path,
    backups: join(folder, 'backups'),
    serviceFile: join(folder, 'service.json'),
    nowMs: T0,
    files: () => readdirSync(folder).sort(),
    open: (failpoint = () => undefined) => openHome(home, failpoint),
  };
  return home;
}

/** What a daemon that is killed leaves: its service.json. */
export function leaveBehind(home: Home): void {
  writeFileSync(home.serviceFile, '{}');
}

function openHome(home: Home, failpoint: (name: string) => void): Opened {
  const db = openOrRestore({
    path: home.path,
    synchronous: 'NORMAL',
    backups: home.backups,
    backupsKept: 3,
    leftBehind: home.serviceFile,
    now: () => home.nowMs,
    failpoint,
  });
  onTestFinished(() => {
    db.close();
  });
  const sql = new Sql(db);
  const { meta } = createRepositories(sql);
  const store = new Store(db, sql, {
    now: () => home.nowMs,
    onProblem: (error) => {
      throw error;
    },
    onCommitted: () => undefined,
  });
  if (meta.get('storeEpoch') === undefined) {
    store.write(() => {
      meta.set('storeEpoch', 'first');
    });
  }
  return {
    db,
    store,
    epoch: meta.get('storeEpoch'),
    note: meta.recovery(),
    say: (text) => {
      store.write((tx) => tx.emit({ type: 'daemon.started', data: { text } }));
    },
    said: () => store.events.list(0, 100_000).map((event) => event.data['text']),
    backup: () =>
      takeBackupNow(db, {
        folder: home.backups,
        reason: 'regular',
        nowMs: home.nowMs,
        kept: 3,
        failpoint: () => undefined,
      }),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
