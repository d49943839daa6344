/** What was done about a damaged database. Stored in the database that took its place. */
export interface RecoveryNote {
  /** When, Unix milliseconds. */
  readonly atMs: number;
  /** What was wrong. */
  readonly damage: string;
  /** Absolute paths of the damaged files, kept aside. */
  readonly keptAs: readonly string[];
  /**
   * What took its place: `backup` of a time, the `database` itself as it was at its last checkpoint (a lost write-ahead log), or nothing (`none`).
   */
  readonly source: 'backup' | 'database' | 'none';
  /** The moment from which on everything is lost, where it is known. Unix milliseconds. */
  readonly lostSinceMs: number | null;
  /** Backups that were not whole either. */
  readonly unusable: readonly string[];
  /** The event daemon.recovered was written. */
  readonly told: boolean;
}

const SOURCES: Readonly<Record<RecoveryNote['source'], string>> = {
  backup: 'restored from the backup of',
  database: 'taken as it stood at its last checkpoint',
  none: 'There was no backup to restore: the store is new and empty',
};

/** How long people are told. */
const TOLD_FOR_MS = 7 * 86_400_000;

/** What people should still read of it; null when there is nothing, or it is old by now. */
export function recentNotice(note: RecoveryNote | null, nowMs: number): string | null {
  return note !== null && nowMs - note.atMs < TOLD_FOR_MS ? recoveryText(note) : null;
}

/** The note in a few sentences for a person. */
export function recoveryText(note: RecoveryNote): string {
  const when = note.lostSinceMs === null ? '' : ` ${new Date(note.lostSinceMs).toISOString()}`;
  const what =
    note.source === 'none'
      ? `${SOURCES.none}.`
      : `The store was ${SOURCES[note.source]}${note.source === 'backup' ? when : ''}; what happened after that is not in it, and the goals that were active then are paused: look at their folders before you resume them.`;
  const unusable =
    note.unusable.length === 0 ? '' : ` Not whole either: ${note.unusable.join(', ')}.`;
  const kept = note.keptAs.length === 0 ? '' : ` Kept aside: ${note.keptAs.join(', ')}.`;
  return `The database was damaged (${note.damage}). ${what}${unusable}${kept}`;
}
