import { openDatabase } from '@goald/server/store/open-database.js';
import type { Database } from 'better-sqlite3';

/** The store's database as tests want it that are not about its safety: opened without a look at it, nothing to back up. */
export function openPlain(path: string): Database {
  return openDatabase({
    path,
    synchronous: 'NORMAL',
    check: null,
    migration: { backup: () => undefined, failpoint: () => undefined },
  });
}
