import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BACKUP_REASONS = ['regular', 'stop', 'migration'] as const;
/** What a backup was taken for. */
export type BackupReason = (typeof BACKUP_REASONS)[number];

export interface BackupFile {
  /** Absolute. */
  readonly path: string;
  /** When it was taken, Unix milliseconds. */
  readonly atMs: number;
  readonly reason: BackupReason;
  readonly bytes: number;
}

const NAME = /^goald-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-(regular|stop|migration)\.db$/;
const DRAFT = /^goald-.*\.draft(-journal|-wal|-shm)?$/;

/** A moment as part of a file name; names sort by time. */
export function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(/[:.]/g, '-');
}

export function backupPath(folder: string, atMs: number, reason: BackupReason): string {
  return join(folder, `goald-${stampOf(atMs)}-${reason}.db`);
}

/** The backups of a folder, newest first. Anything else there is left out. Empty when there is no such folder. */
export function listBackups(folder: string): BackupFile[] {
  return namesIn(folder)
    .flatMap((name) => backupOf(folder, name))
    .sort((a, b) => b.atMs - a.atMs);
}

/** Removes all but the newest `kept` of each kind: those taken by the clock, and those before a migration. Drafts go too. */
export function pruneBackups(folder: string, kept: number): void {
  const all = listBackups(folder);
  const regular = all.filter(({ reason }) => reason !== 'migration');
  const migration = all.filter(({ reason }) => reason === 'migration');
  for (const { path } of [...regular.slice(kept), ...migration.slice(kept)]) rmSync(path);
  for (const name of namesIn(folder)) {
    if (DRAFT.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Makes the folder (0700) and an empty file in it that only the user may read. */
export function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'w', 0o600));
}

/** Waits until the disk has a file or a folder. */
export function syncToDisk(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function backupOf(folder: string, name: string): BackupFile[] {
  const found = NAME.exec(name);
  if (found === null) return [];
  const [, day = '', hour = '', minute = '', second = '', ms = '', reason = ''] = found;
  const path = join(folder, name);
  const stat = statSync(path, { throwIfNoEntry: false });
  const known = BACKUP_REASONS.find((one) => one === reason);
  if (stat === undefined || known === undefined) return [];
  const atMs = Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`);
  return [{ path, atMs, reason: known, bytes: stat.size }];
}
