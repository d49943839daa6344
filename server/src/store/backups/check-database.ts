import { setImmediate as nextTick } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { DamagedDatabaseError } from '../store-fault.js';

/** How closely to look: `quick` reads every page (about 0.5 ms a megabyte), `full` also holds the indexes against their tables. */
export type CheckDepth = 'quick' | 'full';

const FIRST_PROBLEMS = 3;

/** Throws DamagedDatabaseError when the database is not whole, or SQLite's own error when it cannot even be looked at. */
export function checkDatabase(db: Database, depth: CheckDepth): void {
  const limit = `(${String(FIRST_PROBLEMS)})`;
  refuse(db, db.pragma(`${depth === 'full' ? 'integrity_check' : 'quick_check'}${limit}`));
}

/** The same at depth `quick`, one table at a time, so that whoever else waits is not kept waiting for the whole. */
export async function checkDatabaseGently(db: Database): Promise<void> {
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  for (const table of tables) {
    await nextTick();
    refuse(db, db.pragma(`quick_check("${table.replaceAll('"', '""')}")`));
  }
}

function refuse(db: Database, answer: unknown): void {
  const lines = Array.isArray(answer)
    ? answer.map((row: unknown) => Object.values(row as object).join(' '))
    : [String(answer)];
  if (lines.length === 1 && lines[0] === 'ok') return;
  throw new DamagedDatabaseError(`${db.name}: ${lines.slice(0, FIRST_PROBLEMS).join('; ')}`);
}
