import type { Goal, GoalReport } from '@goald/protocol';
import { toNano, usdText } from '../goals/money.js';

/** A report in a few lines of text. */
export function reportSummary(report: Omit<GoalReport, 'summary'>): string {
  const { goal, budgets, diffStat, verification, blockers } = report;
  const latest = verification[0];
  const open = blockers.filter((blocker) => !blocker.resolved);
  return [
    `${goal.status}${goal.verified ? ', verified' : ''}: ${firstLine(goal.objective)}`,
    goal.statusReason === null ? null : goal.statusReason.message,
    waitLine(goal),
    diffStat === null || diffStat.filesChanged === 0
      ? 'No files changed.'
      : `${count(diffStat.filesChanged, 'file')} changed, +${String(diffStat.insertions)} -${String(diffStat.deletions)}.`,
    latest === undefined
      ? 'Verification never ran.'
      : `Last verification ${latest.status}: ${latest.results.map((result) => `${result.name} exit ${String(result.exitCode ?? 'none')}`).join(', ') || 'no commands'}.`,
    latest === undefined || latest.flaky.length === 0
      ? null
      : `Flaky: ${latest.flaky.join(', ')} failed before it passed.`,
    report.changedChecks.length === 0
      ? null
      : `Changed, and the verification relies on it: ${report.changedChecks.join(', ')}.`,
    open.length === 0
      ? null
      : `Open blockers: ${open.map((blocker) => blocker.summary).join('; ')}.`,
    costLine(report),
    `${String(budgets.tokens.used)} of ${String(budgets.tokens.limit)} tokens, ${count(report.requests, 'request')}, ${count(budgets.turns.used, 'turn')}, ${String(budgets.seconds.used)} s of work.`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

/** null where nothing is known of the cost and nothing depends on it. */
function costLine({
  goal,
  budgets,
  fastRequests,
  unpricedRequests,
}: Omit<GoalReport, 'summary'>): string | null {
  const { used, limit } = budgets.costUsd;
  if (goal.costUsd === null && limit === null) return null;
  const of = limit === null ? '' : ` of ${usdText(toNano(limit))}`;
  const fast = fastRequests === 0 ? '' : `, ${count(fastRequests, 'request')} at the priority tier`;
  const unpriced =
    unpricedRequests === 0
      ? ''
      : `, without ${count(unpricedRequests, 'request')} whose price was not known`;
  return `${usdText(toNano(used))}${of} spent${fast}${unpriced}.`;
}

function waitLine({ phase, waitingFor }: Goal): string | null {
  if (phase !== 'waiting' || waitingFor === null) return null;
  const { what, untilMs, kind } = waitingFor;
  const limit = kind === 'time' ? 'until' : 'at most until';
  const until = untilMs === null ? '' : `, ${limit} ${new Date(untilMs).toISOString()}`;
  return `Waits for ${what}${until}.`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function count(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}
