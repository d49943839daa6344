import { ProtocolError, type StatusReasonCode } from '@goald/protocol';
import type { Actor } from '../store/mutation.js';
import { tokenLimit, type BudgetReason, type BudgetState } from './budget.js';
import type { GoalState, GoalTrigger } from './goal-state.js';
import type { Cause } from './goal-writer.js';

/** What a refused trigger answers: what is wrong and what to do. */
export function refusal(state: GoalState, trigger: GoalTrigger): ProtocolError {
  return new ProtocolError('invalid_transition', advice(state, trigger), {
    status: state,
    trigger,
  });
}

function advice(state: GoalState, trigger: GoalTrigger): string {
  if (trigger === 'setForbiddenStatus') {
    return 'blocked, usageLimited and budgetLimited are set by the daemon alone: a client can set active, paused or complete.';
  }
  if (state === 'none') return 'This thread has no goal: set an objective first.';
  if (state === 'complete') return 'The goal is complete: resume it, or set a new objective.';
  return `The goal is ${state}: that is not possible now.`;
}

const RAISE: Readonly<Record<BudgetReason, (budget: BudgetState) => string>> = {
  tokenBudget: (budget) =>
    `${String(budget.tokensUsed)} of ${String(tokenLimit(budget))} tokens are used: resume with addTokens, or set a higher tokenBudget.`,
  timeBudget: (budget) =>
    `${String(Math.floor(budget.timeUsedMs / 1000))} of ${String(budget.timeBudgetSeconds)} seconds are used: resume with addSeconds.`,
  turnLimit: (budget) =>
    `${String(budget.turnsUsed)} of ${String(budget.maxTurns)} turns are used: resume with addTurns.`,
  costBudget: () => 'The cost budget is used up: raise costBudgetUsd.',
};

/** An archived thread does no work. */
export function archivedError(threadId: string): ProtocolError {
  return new ProtocolError('invalid_request', 'The thread is archived: unarchive it first.', {
    threadId,
  });
}

/** One sentence on the budget that is used up. */
export function budgetMessage(reason: BudgetReason, budget: BudgetState): string {
  return RAISE[reason](budget);
}

export function budgetExhaustedError(reason: BudgetReason, budget: BudgetState): ProtocolError {
  return new ProtocolError('budget_exhausted', budgetMessage(reason, budget), { budget: reason });
}

const USER_CAUSES: Partial<Record<GoalTrigger, { code: StatusReasonCode; message: string }>> = {
  interrupt: { code: 'interrupt', message: 'Paused because a client interrupted the turn.' },
  archive: { code: 'user', message: 'Paused because its thread was archived.' },
  completeByUser: { code: 'completed', message: 'Marked complete by the user, not verified.' },
  setObjectiveComplete: {
    code: 'completed',
    message: 'Marked complete by the user, not verified.',
  },
  pause: { code: 'user', message: 'Paused by the user.' },
  setObjectivePaused: { code: 'user', message: 'Paused by the user.' },
  setBudget: { code: 'tokenBudget', message: 'The new budget is already used up.' },
};

/** The cause of what a user did. An automatic origin is named as such. */
export function userCause(trigger: GoalTrigger, actor: Actor): Cause {
  const known = USER_CAUSES[trigger] ?? { code: 'user', message: 'Changed by the user.' };
  const message =
    actor.kind === 'automatic'
      ? known.message.replace('by the user', 'by a client, automatically')
      : known.message;
  return { actor, turnId: null, code: known.code, message };
}
