import { writeFileSync } from 'node:fs';
import type { Clock } from '../engine/ports/clock.js';
import type { Failpoints } from '../engine/ports/failpoints.js';
import { suspectFile } from '../store/backups/find-damage.js';
import { BackupKeeper } from '../store/backups/backup-keeper.js';
import type { StoreUnavailableError } from '../store/store-fault.js';
import type { HealthListener } from '../store/store-health.js';
import type { OpenStore } from './open-store.js';

/** The part of the log that is used here. */
export interface SafetyLog {
  info(data: object, text: string): void;
  warn(data: object, text: string): void;
  error(data: object, text: string): void;
}

/** Writes down, once each, what becomes of the store. `fail` hears of damage: the daemon has to stop. */
export function storeListener(
  database: string,
  log: SafetyLog,
  fail: (error: Error) => void,
): HealthListener {
  return {
    onTrouble: (error) => {
      log.error({ fault: error.fault, reason: error.reason }, error.message);
    },
    onWorksAgain: () => {
      log.info({}, 'the database takes writes again');
    },
    onCorrupt: (error: StoreUnavailableError) => {
      log.error({ fault: error.fault, reason: error.reason }, error.message);
      leaveWord(suspectFile(database), error.reason, log);
      fail(error);
    },
  };
}

/** The next start looks closely. Without the file it finds the damage at a quick look, or when it meets it again. */
function leaveWord(file: string, reason: string, log: SafetyLog): void {
  try {
    writeFileSync(file, `${reason}\n`, { mode: 0o600 });
  } catch (error) {
    log.warn({ err: error }, 'the next start could not be told of the damage');
  }
}

export interface BackupPlan {
  readonly folder: string;
  readonly everyMs: () => number | null;
  readonly kept: () => number;
  readonly clock: Clock;
  readonly failpoint: Failpoints;
  readonly log: SafetyLog;
}

/** Backups of an open store. */
export function createBackupKeeper({ db, store }: OpenStore, plan: BackupPlan): BackupKeeper {
  const { clock, log } = plan;
  return new BackupKeeper({
    db,
    folder: plan.folder,
    everyMs: plan.everyMs,
    kept: plan.kept,
    headSeq: () => store.headSeq,
    now: () => clock.now(),
    schedule: (atMs, callback) => clock.schedule(atMs, callback),
    failpoint: plan.failpoint,
    onDone: (path) => {
      log.info({ path }, 'backup taken');
    },
    onProblem: (error) => {
      log.warn({ err: error }, 'no backup could be taken now; it is tried again');
    },
    onDamage: (error) => {
      store.sql.health.failed(error);
    },
  });
}
