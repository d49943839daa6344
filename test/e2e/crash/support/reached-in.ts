import { compaction } from './scenarios/compaction.js';
import { work } from './scenarios/work.js';
import type { Scenario } from './scenario.js';

/** A scenario that passes each failpoint of the daemon. A name behind `recovery` is passed by the start after another kill. */
export const REACHED_IN: Readonly<Record<string, Scenario>> = {
  'compaction.afterIntent': compaction,
  'compaction.beforeCharge': compaction,
  'compaction.beforeStore': compaction,
  'compaction.opened': compaction,
  'compaction.stored': compaction,
  'gate.beforeDecision': work,
  'gate.started': work,
  'request.afterIntent': work,
  'request.beforeCharge': work,
  'request.beforeIntent': work,
  'tool.afterOutput': work,
  'tool.beforeOutput': work,
  'tool.started': work,
  'turn.afterEnd': work,
  'turn.beforeEnd': work,
  'turn.processesDead': work,
};

/** Each scenario once. */
export const SCENARIOS = [work, compaction] as const;

/** Passed while a daemon puts the store of a dead one in order. */
export const REACHED_IN_RECOVERY = ['recovery.done', 'recovery.strayProcessesDead'] as const;
