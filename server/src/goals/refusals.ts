import { ProtocolError, type StatusReasonCode } from '@goald/protocol';
import type { Actor } from '../store/mutation.js';
import { tokenLimit, type BudgetReason, type BudgetState, type WantedRequest } from './budget.js';
import type { GoalState, GoalTrigger } from './goal-state.js';
import type { Cause } from './goal-writer.js';
import { usdText } from './money.js';

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
  costBudget: (budget) =>
    `${usdText(budget.costNano)} of ${usdText(budget.costBudgetNano ?? 0)} are used: resume with addCostUsd, or set a higher costBudgetUsd.`,
};

/** How to make a cost budget possible. */
export function priceAdvice(model: string): string {
  return `The price of the model ${model} is not known, so no cost budget can be kept. Add it to config.json, in USD for a million tokens: "pricing": {"${model}": {"input": …, "cachedInput": …, "output": …}}`;
}

export function priceUnknownError(model: string): ProtocolError {
  return new ProtocolError(
    'price_unknown',
    `${priceAdvice(model)}, or leave the cost budget out.`,
    {
      model,
    },
  );
}

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

/** Why the next request does not leave although a little of the budget is left. */
export function tooLittle(
  budget: BudgetState,
  wanted: WantedRequest,
  reason: 'tokenBudget' | 'costBudget',
): string {
  const uncached = Math.max(0, wanted.estimatedInput - wanted.cachedInput);
  if (reason === 'tokenBudget') {
    const left = Math.max(0, tokenLimit(budget) - budget.tokensUsed);
    return `${String(left)} tokens are left, too few for the next request (about ${String(uncached)} of input): resume with addTokens.`;
  }
  const left = Math.max(0, (budget.costBudgetNano ?? 0) - budget.costNano);
  return `${usdText(left)} are left, too little for the next request (about ${String(wanted.estimatedInput)} tokens of input) and an answer of use: resume with addCostUsd.`;
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
