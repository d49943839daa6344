import type { Outgoing } from '../../store/outgoing.js';
import type { Repositories } from '../../store/repositories/index.js';
import { requestFor } from './approval-request.js';
import { questionRequest } from './question-request.js';

/** What people are asked in a thread right now, oldest first: for a client that has just come. */
export function openRequestsOf(
  { approvals, blockers, goals }: Pick<Repositories, 'approvals' | 'blockers' | 'goals'>,
  threadId: string,
): Outgoing[] {
  const goal = goals.current(threadId);
  const questions = goal === undefined ? [] : blockers.open(goal.goal_id);
  return [
    ...approvals.pending(threadId).map(requestFor),
    ...questions
      .filter(({ severity, question }) => severity === 'blocking' && question !== null)
      .map(questionRequest),
  ];
}
