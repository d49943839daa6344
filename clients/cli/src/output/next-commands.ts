import type { Goal } from '@goald/protocol';
import { approveCommand, denyCommand, pendingApproval } from './approval-text.js';
import { shortId } from './format.js';
import { answerCommand, openQuestion } from './question-text.js';

/** Commands worth trying next, each with what it does. */
export function nextCommands(goal: Goal): readonly (readonly [string, string])[] {
  const id = shortId(goal.threadId);
  const report = [`goal report ${id} --diff`, 'what it did, with the diff'] as const;
  switch (goal.status) {
    case 'active':
      return [
        [`goal attach ${id}`, 'watch it work'],
        [`goal pause ${id}`, 'stop it for now'],
        report,
      ];
    case 'complete':
      return [report, ['goal run "<next objective>"', 'set the next goal']];
    case 'budgetLimited':
      return [raiseCommand(goal.threadId, goal.statusReason?.code), report];
    case 'paused':
    case 'blocked':
    case 'usageLimited': {
      const asks = openQuestion(goal) !== undefined;
      const pending = pendingApproval(goal);
      return [
        ...(pending === undefined
          ? []
          : [
              [approveCommand(pending.requestId), 'let it run, and the goal goes on'] as const,
              [denyCommand(pending.requestId), 'do not; the agent is told and goes on'] as const,
            ]),
        ...(asks
          ? [[answerCommand(goal.threadId), 'answer it, and the goal goes on'] as const]
          : []),
        [`goal resume ${id}`, asks || pending !== undefined ? 'go on without an answer' : 'go on'],
        report,
        [`goal clear ${id}`, 'give it up'],
      ];
    }
  }
}

/** The lines of a list of commands. */
export function commandLines(commands: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => `  ${command.padEnd(width)}   ${what}\n`).join('');
}

/** The command that gives a goal more of a budget (`tokenBudget`, `timeBudget` …), and what it does. */
export function raiseCommand(threadId: string, budget: unknown): readonly [string, string] {
  return [`goal resume ${shortId(threadId)} ${moreBudget(budget)}`, 'raise the budget and go on'];
}

function moreBudget(budget: unknown): string {
  switch (budget) {
    case 'timeBudget':
      return '--add-time 1h';
    case 'costBudget':
      return '--add-cost 1';
    case 'turnLimit':
      return '--add-turns 20';
    default:
      return '--add-tokens 50k';
  }
}
