import { v7 as uuid } from 'uuid';
import { askedKey } from '../goals/asked-key.js';
import { MODEL_ACTOR } from '../store/mutation.js';
import type { BlockerRepository } from '../store/repositories/blockers.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import type { GoalProposal } from './ports/tools.js';

export type Blocking = NonNullable<GoalProposal['blocker']>;

export type Raised =
  | { readonly kind: 'new'; readonly blockerId: string }
  /** It stands there already, unanswered. */
  | { readonly kind: 'open'; readonly blockerId: string }
  /** A user has answered this before: asking again raises nothing. */
  | { readonly kind: 'answered'; readonly answer: string };

/** Stores what the model says stands in its way, once, with its event. */
export function raiseBlocker(
  tx: Tx,
  blockers: BlockerRepository,
  goal: GoalRow,
  from: { readonly turnId: string; readonly itemId: string },
  blocker: Blocking,
): Raised {
  const { summary, question, severity } = blocker;
  const { turnId, itemId } = from;
  const key = askedKey(question ?? summary);
  const before = blockers.ofGoal(goal.goal_id).filter((row) => row.asked_key === key);
  const answer = before.findLast((row) => row.answer !== null)?.answer;
  if (answer != null) return { kind: 'answered', answer };
  const open = before.findLast((row) => row.resolved === 0);
  const blockerId = open?.id ?? uuid();
  if (open === undefined) {
    blockers.insert({
      id: blockerId,
      goal_id: goal.goal_id,
      thread_id: goal.thread_id,
      turn_id: turnId,
      item_id: itemId,
      summary,
      question,
      severity,
      resolved: 0,
      raised_at_ms: tx.nowMs,
      asked_key: key,
    });
  } else {
    if (open.severity === severity || severity === 'finding') return { kind: 'open', blockerId };
    blockers.update(blockerId, { severity });
  }
  tx.emit({
    type: 'blocker.raised',
    threadId: goal.thread_id,
    goalId: goal.goal_id,
    turnId,
    revision: goal.revision,
    data: { blockerId, summary, question, severity, origin: MODEL_ACTOR },
  });
  return { kind: open === undefined ? 'new' : 'open', blockerId };
}
