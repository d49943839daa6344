import { ProtocolError } from '@goald/protocol';
import Database from 'better-sqlite3';

/** Why the store takes nothing. All but `corrupt` can pass by themselves. */
export type StoreFault = 'full' | 'readOnly' | 'locked' | 'failing' | 'corrupt';

/** SQLite's result codes, extended ones by how they begin. */
const FAULT_OF_CODE: readonly (readonly [string, StoreFault])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'readOnly'],
  ['SQLITE_PERM', 'readOnly'],
  ['SQLITE_CANTOPEN', 'readOnly'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_PROTOCOL', 'locked'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_IOERR', 'failing'],
  ['SQLITE_NOMEM', 'failing'],
];

const ADVICE: Readonly<Record<StoreFault, string>> = {
  full: 'The disk that holds goald’s database is full. Nothing was changed. Free some space and try again; active goals go on by themselves then.',
  readOnly:
    'goald’s database cannot be written. Nothing was changed. Make its folder and files writable and try again; goal doctor says which.',
  locked:
    'Another program holds goald’s database. Nothing was changed. Close that program and try again.',
  failing:
    'The disk that holds goald’s database fails, or is full. Nothing was changed. Look after the disk and try again; goal doctor says more.',
  corrupt:
    'goald’s database is damaged. goald stops; its next start puts the damaged file aside and goes on from the last backup.',
};

/** The store could not do what was asked. Nothing of it was done. */
export class StoreUnavailableError extends ProtocolError {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, cause: unknown) {
    super('store_unavailable', ADVICE[fault], { fault });
    this.fault = fault;
    this.cause = cause;
  }

  /** What SQLite itself said. For the log. */
  get reason(): string {
    return this.cause instanceof Error ? this.cause.message : String(this.cause);
  }
}

/** The database is not whole: what SQLite found, or why it cannot be what the last daemon left. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
}

/** What an error of SQLite says about the store; null when it says nothing: an error of ours, a broken constraint. */
export function faultOf(error: unknown): StoreFault | null {
  if (error instanceof StoreUnavailableError) return error.fault;
  if (error instanceof DamagedDatabaseError) return 'corrupt';
  if (!(error instanceof Database.SqliteError)) return null;
  return FAULT_OF_CODE.find(([code]) => error.code.startsWith(code))?.[1] ?? null;
}

/** The same error, or a StoreUnavailableError where the store is the cause. */
export function storeError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError) return error;
  const fault = faultOf(error);
  return fault === null ? error : new StoreUnavailableError(fault, error);
}
