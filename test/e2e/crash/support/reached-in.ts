import type { Scenario } from './scenario.js';
import { approvals } from './scenarios/approvals.js';
import { checks } from './scenarios/checks.js';
import { compaction } from './scenarios/compaction.js';
import { guarded } from './scenarios/guarded.js';
import { people } from './scenarios/people.js';
import { limits, retries } from './scenarios/refusals.js';
import { damagedStore, oldStore } from './scenarios/store.js';
import { waits } from './scenarios/waits.js';
import { work } from './scenarios/work.js';

/** A scenario that passes each failpoint of the daemon. */
export const REACHED_IN: Readonly<Record<string, Scenario>> = {
  'approval.begun': approvals,
  'approval.decided': approvals,
  'approval.deciding': approvals,
  'approval.granted': approvals,
  'approval.parked': approvals,
  'approval.requested': approvals,
  'backup.beforeCopy': work,
  'backup.checked': work,
  'backup.copied': work,
  'backup.done': work,
  'blocker.resolved': people,
  'blocker.resolving': people,
  'compaction.afterIntent': compaction,
  'compaction.beforeCharge': compaction,
  'compaction.beforeStore': compaction,
  'compaction.opened': compaction,
  'compaction.stored': compaction,
  'gate.beforeDecision': work,
  'gate.beforeRetry': checks,
  'gate.commandDone': checks,
  'gate.commandsDone': work,
  'gate.decided': work,
  'gate.started': work,
  'goal.proposed': people,
  'guard.found': guarded,
  'guard.kept': guarded,
  'guard.told': guarded,
  'guard.undone': guarded,
  'migration.afterBackup': oldStore,
  'migration.afterCommit': oldStore,
  'migration.afterStep': oldStore,
  'migration.beforeBackup': oldStore,
  'migration.beforeCommit': oldStore,
  'migration.beforeStep': oldStore,
  'process.dead': waits,
  'process.ended': waits,
  'process.recorded': waits,
  'process.spawned': waits,
  'process.started': waits,
  'proposal.decided': people,
  'proposal.deciding': people,
  'quota.due': limits,
  'quota.resumed': limits,
  'request.afterIntent': work,
  'request.beforeCharge': work,
  'request.beforeIntent': work,
  'restore.aside': damagedStore,
  'restore.before': damagedStore,
  'restore.done': damagedStore,
  'restore.opened': damagedStore,
  'restore.prepared': damagedStore,
  'retry.beforeScheduled': retries,
  'retry.due': retries,
  'retry.scheduled': retries,
  'tool.afterOutput': work,
  'tool.beforeOutput': work,
  'tool.started': work,
  'turn.afterEnd': work,
  'turn.beforeEnd': work,
  'turn.processesDead': work,
  'verify.beforeEnd': checks,
  'verify.started': checks,
  'wait.due': waits,
  'wait.fired': waits,
  'wait.stored': waits,
};

/** Passed while a daemon puts the store of a dead one in order. */
export const REACHED_IN_RECOVERY = ['recovery.done', 'recovery.strayProcessesDead'] as const;

/** Each scenario once. */
export const SCENARIOS = [
  work,
  approvals,
  checks,
  compaction,
  guarded,
  limits,
  people,
  retries,
  waits,
  oldStore,
  damagedStore,
] as const;
