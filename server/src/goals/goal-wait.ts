import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { WaitRepository, WaitResult } from '../store/repositories/waits.js';
import type { Tx } from '../store/store.js';

/**
 * Ends the open wait of a goal in the transaction that makes it pointless. Answers what that changes in the goal's row, or null when the
 * goal waits for nothing: so a wait ends once, whoever ends it.
 */
export function closeWait(
  tx: Tx,
  waits: WaitRepository,
  row: GoalRow,
  result: WaitResult,
): GoalChange | null {
  const wait = waits.open(row.goal_id);
  if (wait === undefined || !waits.end(wait.id, result, tx.nowMs)) return null;
  const elapsedMs = Math.max(0, tx.nowMs - wait.started_at_ms);
  tx.emit({
    type: 'wait.ended',
    threadId: row.thread_id,
    goalId: row.goal_id,
    revision: row.revision,
    data: { waitId: wait.id, kind: wait.kind, what: wait.what, result, elapsedMs },
  });
  return { wait_json: null, wait_ms: row.wait_ms + elapsedMs };
}
