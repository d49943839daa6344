import { approvalPolicySchema, type ApprovalPolicy, type Config } from '@goald/protocol';
import { definitionOf } from '../../goals/goal-record.js';
import type { Repositories } from '../../store/repositories/index.js';

/** The approval policy in force for a turn: that of its goal, else of its thread, else of the configuration. */
export function approvalPolicyOf(
  { goals, threads }: Pick<Repositories, 'goals' | 'threads'>,
  config: Config,
  turn: { readonly threadId: string; readonly goalId: string | null },
): ApprovalPolicy {
  const goal = turn.goalId === null ? undefined : goals.find(turn.goalId);
  const ofGoal = goal === undefined ? null : definitionOf(goal).approvalPolicy;
  if (ofGoal !== null) return ofGoal;
  const ofThread = approvalPolicySchema.safeParse(threads.find(turn.threadId)?.approval_policy);
  return ofThread.data ?? config.approvals.policy;
}
