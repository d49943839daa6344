import type { Goal } from '@goald/protocol';

const WARN_AT = 0.8;

interface Budget {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly show: (left: number) => string;
}

/** What is left of the goal's budgets, and a line of its own when one of them is used to 80 % or more. */
export function budgetLines(goal: Goal): string {
  const budgets = budgetsOf(goal);
  const left = budgets.map((budget) => budget.show(Math.max(0, budget.limit - budget.used)));
  const nearly = budgets.filter((budget) => budget.used >= budget.limit * WARN_AT);
  const lines = [`Budget left: ${left.join(', ')}.`];
  if (nearly.length > 0) {
    const names = nearly.map((budget) => budget.name).join(' and ');
    lines.push(
      `Over 80 % of the ${names} budget is used: do the essential part, leave the folder working, start nothing new.`,
    );
  }
  return lines.join('\n');
}

function budgetsOf(goal: Goal): readonly Budget[] {
  const budgets: Budget[] = [
    {
      name: 'token',
      used: goal.tokensUsed,
      limit: Math.min(goal.tokenBudget ?? goal.tokenCeiling, goal.tokenCeiling),
      show: (left) => `${String(left)} tokens`,
    },
    {
      name: 'time',
      used: goal.timeUsedSeconds,
      limit: goal.timeBudgetSeconds,
      show: (left) => (left < 120 ? `${String(left)} s` : `${String(Math.floor(left / 60))} min`),
    },
    {
      name: 'turn',
      used: goal.turnsUsed,
      limit: goal.maxTurns,
      show: (left) => `${String(left)} turns`,
    },
  ];
  if (goal.costBudgetUsd !== null) {
    budgets.push({
      name: 'cost',
      used: goal.costUsd ?? 0,
      limit: goal.costBudgetUsd,
      show: (left) => `$${left.toFixed(left < 0.1 ? 4 : 2)}`,
    });
  }
  return budgets;
}
