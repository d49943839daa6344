import type { Goal, GoalStatus } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import {
  formatBar,
  formatDuration,
  formatMoment,
  formatTokens,
  formatUsd,
  plural,
} from './format.js';
import { questionLines } from './question-text.js';
import { oneLine } from './text.js';

const STATUS_WORDS: Readonly<Record<GoalStatus, string>> = {
  active: 'active',
  paused: 'paused',
  blocked: 'blocked',
  usageLimited: 'usage limit',
  budgetLimited: 'budget reached',
  complete: 'complete',
};

/** The status in words a person knows; a complete goal says whether it was verified. */
export function statusText(goal: Goal): string {
  if (goal.status === 'complete') return goal.verified ? 'complete, verified' : 'complete';
  const phase = goal.phase === null ? '' : `, ${waitText(goal) ?? goal.phase}`;
  return `${STATUS_WORDS[goal.status]}${phase}`;
}

/** What a waiting goal waits for, and until when: `waits for process 3 (npm test), at most until 14:05`. null when it does not. */
export function waitText(goal: Goal): string | null {
  const { phase, waitingFor: wait, pendingRequest: asked } = goal;
  if (phase === 'waiting' && asked !== undefined) {
    return `waits for ${asked.kind === 'question' ? 'an answer' : 'an approval'}: ${oneLine(asked.what)}`;
  }
  if (phase === 'planning') return 'rests while its thread is in plan mode';
  if (phase !== 'waiting' || wait == null) return null;
  const text = `waits for ${oneLine(wait.what)}`;
  if (wait.untilMs === null) return text;
  const limit = wait.kind === 'time' ? 'until' : 'at most until';
  return `${text}, ${limit} ${formatMoment(wait.untilMs, wait.sinceMs)}`;
}

/** The same, coloured by how it stands. */
export function paintStatus(goal: Goal, paint: Paint): string {
  const text = statusText(goal);
  switch (goal.status) {
    case 'active':
      return paint.cyan(text);
    case 'complete':
      return paint.green(text);
    case 'blocked':
      return paint.red(text);
    case 'paused':
    case 'usageLimited':
    case 'budgetLimited':
      return paint.yellow(text);
  }
}

/** Where a goal stands and why, on one coloured line. */
export function standingText(goal: Goal, paint: Paint): string {
  const reason = reasonText(goal);
  if (reason === null) return paintStatus(goal, paint);
  // The reason of a completion says itself whether it was verified.
  if (goal.status === 'complete') return paint.green(reason);
  return `${paintStatus(goal, paint)}: ${reason}`;
}

/** Tokens, money, time and turns used, against their budgets where there are any. */
export function usageText(goal: Goal): string {
  const { tokensUsed, tokenBudget } = goal;
  const tokens =
    tokenBudget === null
      ? `${formatTokens(tokensUsed)} tokens`
      : `${formatTokens(tokensUsed)} of ${formatTokens(tokenBudget)} tokens ${formatBar(tokensUsed, tokenBudget)}`;
  const cost = costText(goal);
  return [
    tokens,
    ...(cost === null ? [] : [cost]),
    formatDuration(goal.timeUsedSeconds * 1000),
    plural(goal.turnsUsed, 'turn'),
  ].join(' · ');
}

/** What it cost so far, against its budget; null where no price and no budget is known. */
function costText({ costUsd, costBudgetUsd }: Goal): string | null {
  if (costBudgetUsd === null) return costUsd === null ? null : formatUsd(costUsd);
  return `${formatUsd(costUsd ?? 0)} of ${formatUsd(costBudgetUsd)}`;
}

/** Why a goal stopped, or null while it runs. A usage limit says too when it ends and what happens then. */
export function reasonText(goal: Goal): string | null {
  if (goal.statusReason === null) return null;
  const { message, detail } = goal.statusReason;
  return oneLine(
    goal.status === 'usageLimited' && detail !== null ? `${message} ${detail}` : message,
  );
}

/** A goal in a few lines: objective, where it stands, what was used. */
export function describeGoal(goal: Goal, paint: Paint): string {
  return [
    paint.bold(oneLine(goal.objective)),
    standingText(goal, paint),
    ...questionLines(goal),
    `${paint.dim(usageText(goal))}\n`,
  ].join('\n');
}
