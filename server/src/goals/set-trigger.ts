import type { SetParams } from './goal-definition.js';
import type { GoalTrigger } from './goal-state.js';

/** What a set asks of the state table; null when it asks nothing. */
export function triggerOf(params: SetParams, objective: string | null): GoalTrigger | null {
  switch (params.status) {
    case 'active':
      return objective === null ? 'activate' : 'setObjectiveActive';
    case 'paused':
      return objective === null ? 'pause' : 'setObjectivePaused';
    case 'complete':
      return objective === null ? 'completeByUser' : 'setObjectiveComplete';
    case 'blocked':
    case 'usageLimited':
    case 'budgetLimited':
      return 'setForbiddenStatus';
    case null:
    case undefined:
      if (objective !== null) return 'setObjective';
      return definesNothing(params) ? null : 'setBudget';
  }
}

/** True for a set that only pauses: what an automatic origin may do. */
export function isPauseOnly(params: SetParams): boolean {
  return params.status === 'paused' && params.objective == null && definesNothing(params);
}

/** null counts as absent, but for the budgets of tokens and cost, which it removes. */
function definesNothing(params: SetParams): boolean {
  if (params.tokenBudget !== undefined || params.costBudgetUsd !== undefined) return false;
  return [
    params.timeBudgetSeconds,
    params.maxTurns,
    params.requirements,
    params.constraints,
    params.verification,
    params.role,
    params.isolation,
    params.planning,
    params.approvalPolicy,
    params.sandbox,
    params.networkAccess,
  ].every((value) => value == null);
}
