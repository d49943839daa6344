import { v7 as uuid } from 'uuid';
import { askedKey } from '../goals/asked-key.js';
import { MODEL_ACTOR } from '../store/mutation.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { ProposalRepository } from '../store/repositories/proposals.js';
import type { Tx } from '../store/store.js';

/** Stores an objective the model would rather have, once, with its event. Answers what the model is told. */
export function proposeObjective(
  tx: Tx,
  proposals: ProposalRepository,
  goal: GoalRow,
  turnId: string,
  objective: string,
): string {
  const key = askedKey(objective);
  if (key === askedKey(goal.objective)) return 'That is the objective already.';
  const before = proposals.ofGoal(goal.goal_id).filter((row) => askedKey(row.objective) === key);
  if (before.some(({ decision }) => decision === 'declined')) {
    return 'The user has declined that objective before; the objective stays as it is.';
  }
  if (before.every(({ decision }) => decision !== 'pending')) {
    const proposalId = uuid();
    proposals.insert({
      id: proposalId,
      goal_id: goal.goal_id,
      thread_id: goal.thread_id,
      turn_id: turnId,
      objective,
      decision: 'pending',
      made_at_ms: tx.nowMs,
    });
    tx.emit({
      type: 'proposal.made',
      threadId: goal.thread_id,
      goalId: goal.goal_id,
      turnId,
      revision: goal.revision,
      data: { proposalId, objective, origin: MODEL_ACTOR },
    });
  }
  return 'The proposed objective waits for the user; until then the objective stays as it is.';
}
