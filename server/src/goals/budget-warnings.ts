import { BUDGET_REASONS, tokenLimit, warningsDue, type BudgetReason } from './budget.js';
import { budgetOf } from './goal-record.js';
import type { GoalWriter } from './goal-writer.js';
import { toUsd } from './money.js';
import { RUNTIME_ACTOR } from '../store/mutation.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';

/** Tells of each kind of budget once that it is nearly used up. Answers the goal as it then stands. */
export function warnOfBudgets(
  goals: GoalWriter,
  tx: Tx,
  goal: GoalRow,
  turnId: string | null,
): GoalRow {
  if (goal.ended_at_ms !== null || goal.status !== 'active') return goal;
  const due = warningsDue(budgetOf(goal)).filter(
    (reason) => (goal.budget_warned & bit(reason)) === 0,
  );
  return due.reduce(
    (row, reason) =>
      goals.note(
        tx,
        row,
        { budget_warned: row.budget_warned | bit(reason) },
        {
          type: 'goal.budgetWarning',
          turnId,
          data: { budget: reason, ...figures(row, reason), origin: RUNTIME_ACTOR },
        },
      ),
    goal,
  );
}

/** The goal's mask without these kinds: whoever has another budget is warned anew. */
export function unwarned(mask: number, reasons: readonly BudgetReason[]): number {
  return reasons.reduce((left, reason) => left & ~bit(reason), mask);
}

/** One bit a kind, in the order of the list. */
function bit(reason: BudgetReason): number {
  return 1 << BUDGET_REASONS.indexOf(reason);
}

function figures(
  row: GoalRow,
  reason: BudgetReason,
): { used: number; limit: number; unit: 'tokens' | 'seconds' | 'usd' | 'turns' } {
  const budget = budgetOf(row);
  switch (reason) {
    case 'tokenBudget':
      return { used: budget.tokensUsed, limit: tokenLimit(budget), unit: 'tokens' };
    case 'timeBudget':
      return { used: budget.timeUsedMs / 1000, limit: budget.timeBudgetSeconds, unit: 'seconds' };
    case 'costBudget':
      return {
        used: toUsd(budget.costNano),
        limit: toUsd(budget.costBudgetNano ?? 0),
        unit: 'usd',
      };
    case 'turnLimit':
      return { used: budget.turnsUsed, limit: budget.maxTurns, unit: 'turns' };
  }
}
