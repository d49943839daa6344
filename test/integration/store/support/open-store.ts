import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Committed } from '@goald/server/store/outgoing.js';
import { Sql } from '@goald/server/store/sql.js';
import { Store } from '@goald/server/store/store.js';
import type { Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { openPlain } from '../../../helpers/open-plain.js';

/** A folder that lives as long as the running test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goald-store-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export interface OpenStore extends Disposable {
  readonly path: string;
  readonly db: Database;
  readonly store: Store;
  readonly told: Committed[];
  nowMs: number;
}

/** A store over a real file, with a clock that only the test moves. */
export function openStore(path = join(tempFolder(), 'goald.db')): OpenStore {
  const db = openPlain(path);
  onTestFinished(() => {
    db.close();
  });
  const told: Committed[] = [];
  const opened: OpenStore = {
    path,
    db,
    told,
    nowMs: 1_000,
    store: new Store(db, new Sql(db), {
      now: () => opened.nowMs,
      onProblem: (error) => {
        throw error;
      },
      onCommitted: (committed) => {
        told.push(committed);
      },
    }),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
  return opened;
}
