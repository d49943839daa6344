import type { Database } from 'better-sqlite3';

/** SQL function that makes text comparable whatever its case. SQLite's own lower() knows ASCII only. */
export const FOLD = 'fold';

export function addFold(db: Database): void {
  db.function(FOLD, { deterministic: true }, (text) => String(text).toLowerCase());
}
