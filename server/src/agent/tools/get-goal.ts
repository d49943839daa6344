import type { Goal } from '@goald/protocol';
import * as z from 'zod';
import type { OutputFiles } from './output-files.js';
import { defineTool, type Tool } from './tool.js';

const left = (limit: number, used: number): number => Math.max(0, limit - used);

function summary(goal: Goal): Record<string, unknown> {
  const tokens = Math.min(goal.tokenBudget ?? goal.tokenCeiling, goal.tokenCeiling);
  const { costBudgetUsd, costUsd } = goal;
  return {
    objective: goal.objective,
    status: goal.status,
    requirements: goal.requirements,
    constraints: goal.constraints,
    verification: goal.verification,
    budgets: {
      tokens,
      seconds: goal.timeBudgetSeconds,
      turns: goal.maxTurns,
      costUsd: costBudgetUsd,
    },
    usage: {
      tokens: goal.tokensUsed,
      seconds: goal.timeUsedSeconds,
      turns: goal.turnsUsed,
      costUsd,
    },
    remaining: {
      tokens: left(tokens, goal.tokensUsed),
      seconds: left(goal.timeBudgetSeconds, goal.timeUsedSeconds),
      turns: left(goal.maxTurns, goal.turnsUsed),
      costUsd: costBudgetUsd === null ? null : left(costBudgetUsd, costUsd ?? 0),
    },
    progress: goal.progress,
  };
}

/** `get_goal`: the goal, its budgets and what is left of them, as compact JSON. */
export function getGoalTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'get_goal',
      description: 'Objective, constraints, verification commands, budgets and what is left.',
      schema: z.strictObject({}),
      readOnly: true,
      run: (_args, context) => {
        const goal = context.goals.goal();
        if (goal === null) return { output: 'This thread has no goal.', success: false };
        return { output: JSON.stringify(summary(goal)), success: true };
      },
    },
    outputs,
  );
}
