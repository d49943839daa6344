import type { Tx } from '@goald/server/store/store.js';
import type { Database } from 'better-sqlite3';

/** Has the commit of the running transaction fail: the row it leaves has no thread, and SQLite finds that out only there. */
export function insertOrphanTurn(tx: Tx, db: Database): void {
  db.pragma('defer_foreign_keys = ON');
  tx.sql.insert('turn', {
    id: 'orphan',
    thread_id: 'nowhere',
    fence: 1,
    ordinal: 1,
    origin: 'user',
    status: 'completed',
    started_at_ms: 1,
    work_ms: 0,
  });
}
