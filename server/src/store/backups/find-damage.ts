import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { listBackups } from './backup-files.js';

/** First four bytes of every write-ahead log, less the last bit. */
const WAL_MAGIC = 0x377f0682;

export interface StoreFiles {
  /** Absolute. */
  readonly path: string;
  /** Folder of the backups. */
  readonly backups: string;
  /** The daemon before closed the store itself. */
  readonly endedWell: boolean;
}

/** The file in which a daemon that met damage left word for the next. */
export function suspectFile(path: string): string {
  return `${path}.suspect`;
}

/**
 * What the files alone tell of a damage that SQLite would not notice: it takes an empty file for a new database, and a database without
 * its write-ahead log for one that never had any. null when nothing is wrong with them.
 */
export function damageOfFiles({ path, backups, endedWell }: StoreFiles): string | null {
  const size = sizeOf(path);
  if (size === null) return null;
  if (size === 0) return listBackups(backups).length > 0 ? `${path} is empty` : null;
  return endedWell ? null : damageOfLog(`${path}-wal`);
}

/** A daemon that was killed leaves its write-ahead log; what it held is lost with it. */
function damageOfLog(log: string): string | null {
  if (!existsSync(log)) return `${log} is gone`;
  const head = Buffer.alloc(4);
  const file = openSync(log, 'r');
  try {
    // Right after a checkpoint that emptied it there is nothing in it to lose.
    if (readSync(file, head) === 0) return null;
  } finally {
    closeSync(file);
  }
  const magic = (head.readUInt32BE(0) | 1) - 1;
  return magic === WAL_MAGIC ? null : `${log} is not a write-ahead log`;
}

/** Bytes of a file; null when there is none. */
export function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
