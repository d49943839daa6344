import type { ParamsOf, StatusReason, threadGoalResume } from '@goald/protocol';
import type { Insertable } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { GoalTable } from '../store/schema.js';
import { unwarned } from './budget-warnings.js';
import { tokenLimit, type BudgetReason } from './budget.js';
import { mergedDefinition, type SetParams } from './goal-definition.js';
import { budgetOf, DEFAULT_DEFINITION, definitionOf } from './goal-record.js';
import { toNano } from './money.js';
import {
  checkedAmount,
  checkedCost,
  checkedCostBudget,
  checkedTimeBudget,
  checkedTokenBudget,
  type Limits,
} from './policy.js';

export type ResumeParams = ParamsOf<typeof threadGoalResume>;

/** What a set changes in a goal (`row`), or gives a new one. Throws for budgets that cannot be. */
export function changeOf(
  params: SetParams,
  objective: string | null,
  row: GoalRow | undefined,
  limits: Limits,
): GoalChange {
  const change: GoalChange = {};
  if (objective !== null) change.objective = objective;
  if (params.tokenBudget !== undefined) {
    change.token_budget =
      params.tokenBudget === null ? null : checkedTokenBudget(params.tokenBudget, limits);
    const ceiling = row?.token_ceiling ?? newCeiling(limits);
    if (change.token_budget !== null && change.token_budget > ceiling) {
      change.token_ceiling = change.token_budget;
    }
  }
  if (params.timeBudgetSeconds != null) {
    change.time_budget_seconds = checkedTimeBudget(params.timeBudgetSeconds);
  }
  if (params.maxTurns != null) change.max_turns = checkedAmount('maxTurns', params.maxTurns);
  const cost = costBudgetOf(params, row, limits);
  if (cost !== undefined) change.cost_budget_nano = cost;
  if (row === undefined) return change;
  const merged = JSON.stringify(mergedDefinition(definitionOf(row), params, limits));
  if (merged !== row.definition_json) change.definition_json = merged;
  return withWarning(change, row);
}

/** The higher budgets a resume asks for. */
export function addedBudgets(row: GoalRow, params: ResumeParams, limits: Limits): GoalChange {
  const change: GoalChange = {};
  if (params.addTokens != null) {
    const added = checkedAmount('addTokens', params.addTokens);
    if (row.token_budget === null) {
      change.token_ceiling = checkedTokenBudget(row.token_ceiling + added, limits);
    } else {
      change.token_budget = checkedTokenBudget(row.token_budget + added, limits);
      change.token_ceiling = Math.max(row.token_ceiling, change.token_budget);
    }
  }
  if (params.addSeconds != null) {
    const added = checkedAmount('addSeconds', params.addSeconds);
    change.time_budget_seconds = checkedTimeBudget(row.time_budget_seconds + added);
  }
  if (params.addTurns != null) {
    const added = checkedAmount('addTurns', params.addTurns);
    change.max_turns = checkedAmount('maxTurns', row.max_turns + added);
  }
  if (params.addCostUsd != null) {
    const added = checkedCost('addCostUsd', params.addCostUsd);
    const before = row.cost_budget_nano ?? row.cost_nano ?? 0;
    change.cost_budget_nano = checkedCostBudget(before + added, limits);
  }
  return withWarning(change, row);
}

/** The row of a new goal. */
export function newGoal(
  params: SetParams,
  goal: { objective: string; status: 'active' | 'paused'; nowMs: number },
  limits: Limits,
): Insertable<GoalTable> {
  const { objective, status, nowMs } = goal;
  const paused: StatusReason = {
    code: 'user',
    message: 'Paused by the user.',
    detail: null,
    atMs: nowMs,
  };
  return {
    goal_id: uuid(),
    thread_id: params.threadId,
    status,
    phase: status === 'active' ? 'queued' : null,
    status_reason_json: status === 'active' ? null : JSON.stringify(paused),
    definition_json: JSON.stringify(mergedDefinition(DEFAULT_DEFINITION, params, limits)),
    token_budget: null,
    cost_budget_nano: defaultCostBudget(limits),
    token_ceiling: newCeiling(limits),
    time_budget_seconds: limits.timeBudgetSeconds,
    max_turns: limits.maxTurns,
    revision: 1,
    evidence_json: '[]',
    notices_json: '[]',
    tokens_used: 0,
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    time_used_ms: 0,
    wait_ms: 0,
    turns_used: 0,
    verified: 0,
    idle_turns: 0,
    idle_compactions: 0,
    refused: 0,
    budget_warned: 0,
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
    ...changeOf(params, objective, undefined, limits),
    objective,
  };
}

/** The first budget that a change sets to what is used already, or null. Others are for the next claim: the last turn allowed goes on. */
export function spentBy(row: GoalRow, change: GoalChange): BudgetReason | null {
  const after = budgetOf({ ...row, ...change });
  if (change.token_budget !== undefined && after.tokensUsed >= tokenLimit(after)) {
    return 'tokenBudget';
  }
  const broke = after.costBudgetNano !== null && after.costNano >= after.costBudgetNano;
  if (change.cost_budget_nano !== undefined && broke) return 'costBudget';
  const timeUp = after.timeUsedMs >= after.timeBudgetSeconds * 1000;
  if (change.time_budget_seconds !== undefined && timeUp) return 'timeBudget';
  return change.max_turns !== undefined && after.turnsUsed >= after.maxTurns ? 'turnLimit' : null;
}

function newCeiling(limits: Limits): number {
  return Math.min(limits.tokenCeiling, limits.maxTokenBudget ?? limits.tokenCeiling);
}

/** The cost budget a set asks for, in nanodollars; undefined where it asks for no change. */
function costBudgetOf(
  { costBudgetUsd: usd }: SetParams,
  row: GoalRow | undefined,
  limits: Limits,
): number | null | undefined {
  if (usd === undefined) return undefined;
  if (usd !== null) return checkedCostBudget(checkedCost('costBudgetUsd', usd), limits);
  const most = limits.maxCostBudgetUsd;
  const after = most === undefined ? null : toNano(most);
  return after === (row?.cost_budget_nano ?? null) ? undefined : after;
}

function defaultCostBudget(limits: Limits): number | null {
  const { costBudgetUsd, maxCostBudgetUsd } = limits;
  if (costBudgetUsd === undefined && maxCostBudgetUsd === undefined) return null;
  return toNano(Math.min(costBudgetUsd ?? Infinity, maxCostBudgetUsd ?? Infinity));
}

/** A goal with another budget is warned of it anew. */
function withWarning(change: GoalChange, row: GoalRow): GoalChange {
  const changed: BudgetReason[] = [];
  if (change.token_budget !== undefined || change.token_ceiling !== undefined) {
    changed.push('tokenBudget');
  }
  if (change.time_budget_seconds !== undefined) changed.push('timeBudget');
  if (change.cost_budget_nano !== undefined) changed.push('costBudget');
  if (change.max_turns !== undefined) changed.push('turnLimit');
  const mask = unwarned(row.budget_warned, changed);
  return mask === row.budget_warned ? change : { ...change, budget_warned: mask };
}
