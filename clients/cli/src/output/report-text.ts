import type { DiffStat, GoalReport } from '@goald/protocol';
import { planStepText } from '../progress/plan-lines.js';
import type { Paint } from '../terminal/terminal.js';
import { formatDuration, formatTokens, formatUsd, plural } from './format.js';
import { standingText } from './goal-text.js';
import { commandLines, nextCommands } from './next-commands.js';
import { paintDiff } from './paint-diff.js';
import { clean, oneLine } from './text.js';
import { breachLines, refusalLines, runLines } from './verification-text.js';

/** A report for people. `diff`: with the whole diff. */
export function reportText(report: GoalReport, paint: Paint, options: { diff: boolean }): string {
  const { goal } = report;
  const detail = goal.statusReason?.detail ?? null;
  const sections = [
    [
      paint.bold(oneLine(goal.objective)),
      standingText(goal, paint),
      ...(detail === null ? [] : [paint.dim(clean(detail))]),
      paint.dim(`${oneLine(report.cwd)}  thread ${goal.threadId}`),
    ].join('\n'),
    section('Changes', diffStatLines(report.diffStat), paint),
    section('Plan', report.plan.map(planStepText), paint),
    section('Verification', report.verification.flatMap(runLines), paint),
    section('Checks this goal changed', report.changedChecks.map(oneLine), paint),
    section(
      'Evidence',
      report.evidence.map(({ criterion, proof }) => `${oneLine(criterion)}: ${oneLine(proof)}`),
      paint,
    ),
    section('Forbidden changes', breachLines(report), paint),
    section('Refused proposals', refusalLines(report), paint),
    section(
      'Blockers',
      report.blockers.map(
        ({ summary, question, resolved }) =>
          `${resolved ? '(resolved) ' : ''}${oneLine(summary)}${question === null ? '' : `  ${oneLine(question)}`}`,
      ),
      paint,
    ),
    section(
      'Proposed objectives',
      report.proposals.map(({ objective, decision }) => `${decision}: ${oneLine(objective)}`),
      paint,
    ),
    section('Used', usedLines(report), paint),
    options.diff ? diffSection(report, paint) : '',
    `${paint.bold('Next')}\n${commandLines(nextCommands(goal)).trimEnd()}`,
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

/** One line a file, and the sum. */
export function diffStatLines(stat: DiffStat | null): readonly string[] {
  if (stat === null) return [];
  if (stat.filesChanged === 0) return ['no file changed'];
  const width = Math.max(...stat.files.map((file) => file.path.length));
  return [
    ...stat.files.map(
      (file) =>
        `${oneLine(file.path).padEnd(width)}  +${String(file.insertions)} −${String(file.deletions)}${file.kind === 'modified' ? '' : `  ${file.kind}`}`,
    ),
    `${plural(stat.filesChanged, 'file')} changed, +${String(stat.insertions)} −${String(stat.deletions)}`,
  ];
}

function usedLines(report: GoalReport): readonly string[] {
  const { tokens, costUsd, seconds, turns } = report.budgets;
  const { usage } = report.goal;
  const of = (limit: number | null, format: (value: number) => string): string =>
    limit === null ? '' : ` of ${format(limit)}`;
  const time = (value: number): string => formatDuration(value * 1000);
  const estimated =
    report.estimatedRequests === 0 ? '' : `, ${String(report.estimatedRequests)} by estimate`;
  return [
    `tokens  ${formatTokens(tokens.used)}${of(tokens.limit, formatTokens)} (input ${formatTokens(usage.input)}, of it cached ${formatTokens(usage.cachedInput)}, output ${formatTokens(usage.output)})`,
    `time    ${time(seconds.used)}${of(seconds.limit, time)}`,
    `turns   ${String(turns.used)}${of(turns.limit, String)}, ${plural(report.requests, 'model request')}${estimated}`,
    ...costLines(report, of(costUsd.limit, formatUsd)),
    ...(report.overshootTokens === 0
      ? []
      : [`beyond the budget: ${plural(report.overshootTokens, 'token')}`]),
  ];
}

function costLines(report: GoalReport, limit: string): readonly string[] {
  const { goal, budgets, fastRequests, unpricedRequests, overshootUsd, serviceTier } = report;
  const tier = serviceTier === null ? '' : `, requests ask for the ${oneLine(serviceTier)} tier`;
  if (goal.costUsd === null && budgets.costUsd.limit === null) {
    return serviceTier === null ? [] : [`cost    not known: no price is configured${tier}`];
  }
  const fast =
    fastRequests === 0 ? '' : `, ${plural(fastRequests, 'request')} at the priority tier`;
  const unpriced =
    unpricedRequests === 0
      ? ''
      : `, without ${plural(unpricedRequests, 'request')} whose price was not known`;
  return [
    `cost    ${formatUsd(budgets.costUsd.used)}${limit}${fast === '' ? tier : fast}${unpriced}`,
    ...(overshootUsd === 0 ? [] : [`beyond the cost budget: ${formatUsd(overshootUsd)}`]),
  ];
}

function diffSection(report: GoalReport, paint: Paint): string {
  const diff = report.diff ?? '';
  return diff === '' ? '' : `${paint.bold('Diff')}\n${paintDiff(diff, paint)}`;
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  if (lines.length === 0) return '';
  return `${paint.bold(title)}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
