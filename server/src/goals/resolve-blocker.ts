import type { Actor } from '../store/mutation.js';
import type { BlockerRepository, BlockerRow } from '../store/repositories/blockers.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import { tellResolved } from './pending-approvals.js';

/** How a blocker came to its end: a user answered it, or resumed the goal without a word. */
export type Resolution = 'answered' | 'resumed';

/** Ends a blocker, with its event. */
export function resolveBlocker(
  tx: Tx,
  blockers: BlockerRepository,
  goal: GoalRow,
  blocker: BlockerRow,
  how: { readonly resolution: Resolution; readonly answer: string | null; readonly actor: Actor },
): void {
  const { resolution, answer, actor } = how;
  blockers.update(blocker.id, { resolved: 1, answer, resolved_at_ms: tx.nowMs });
  if (blocker.question !== null) tellResolved(tx, goal.thread_id, blocker.id);
  tx.emit({
    type: 'blocker.resolved',
    threadId: goal.thread_id,
    goalId: goal.goal_id,
    revision: goal.revision,
    data: {
      blockerId: blocker.id,
      summary: blocker.summary,
      question: blocker.question,
      resolution,
      answer,
      origin: actor,
    },
  });
}

/** A resumed goal starts with fresh blockers: what stopped it counts as dealt with. Answers how many there were. */
export function freshBlockers(
  tx: Tx,
  blockers: BlockerRepository,
  goal: GoalRow,
  actor: Actor,
): number {
  const stopping = blockers.open(goal.goal_id).filter(({ severity }) => severity === 'blocking');
  for (const blocker of stopping) {
    resolveBlocker(tx, blockers, goal, blocker, { resolution: 'resumed', answer: null, actor });
  }
  return stopping.length;
}
