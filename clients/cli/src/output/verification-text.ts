import type { GoalReport, VerificationResult, VerificationRun } from '@goald/protocol';
import { formatDuration, plural } from './format.js';
import { oneLine } from './text.js';

function ending(result: VerificationResult): string {
  if (result.attempts === 0) return 'not run';
  if (result.timedOut) return 'timed out';
  if (result.exitCode === null) return oneLine(result.signal ?? 'stopped');
  return `exit ${String(result.exitCode)}`;
}

function resultText(result: VerificationResult): string {
  const parts = [ending(result), formatDuration(result.durationMs)];
  if (result.flaky === true) parts.push(`flaky: passed at try ${String(result.attempts ?? 2)}`);
  else if ((result.attempts ?? 1) > 1) parts.push(plural(result.attempts ?? 1, 'try', 'tries'));
  const left = result.leftProcesses ?? 0;
  if (left > 0) parts.push(`left ${plural(left, 'process', 'processes')} behind, ended`);
  return `${oneLine(result.command)} (${parts.join(', ')})`;
}

function artifactLines({ artifacts }: VerificationRun): readonly string[] {
  if (artifacts === null) return [];
  const { diffStat, coverage } = artifacts;
  const percent = coverage?.linesPercent ?? null;
  return [
    ...(diffStat === null
      ? []
      : [
          `on ${plural(diffStat.filesChanged, 'changed file')}, +${String(diffStat.insertions)} −${String(diffStat.deletions)}`,
        ]),
    ...(coverage === null
      ? []
      : [
          `coverage ${percent === null ? '' : `${String(percent)} % of lines, `}${oneLine(coverage.path)}${coverage.written ? '' : ' (not written by this run)'}`,
        ]),
  ];
}

/** A run: how it ended, its commands, what was kept with it, and where the logs are. */
export function runLines(run: VerificationRun): readonly string[] {
  const results = run.results.map(resultText).join('; ');
  const by = run.requestedBy === 'user' ? ' (asked for)' : '';
  const log = run.results.find((result) => result.log != null)?.log?.path;
  const folder = log?.replace(/[^/]*$/, '');
  return [
    `${run.status.padEnd(7)} ${results}${by}`.trimEnd(),
    ...(run.reason === null ? [] : [`        ${oneLine(run.reason)}`]),
    ...artifactLines(run).map((line) => `        ${line}`),
    ...(folder === undefined ? [] : [`        logs ${oneLine(folder)}`]),
  ];
}

const CAUSES = {
  failed: 'verification failed',
  void: 'files changed while the commands ran',
  evidence: 'a requirement had no evidence',
} as const;

/** Each refused proposal with what it said; one a user has forgiven is marked. */
export function refusalLines(report: GoalReport): readonly string[] {
  return report.refusals.map(({ cause, evidence, counts }) => {
    const said = evidence.map(({ criterion, proof }) => `${criterion}: ${proof}`).join('; ');
    return `${CAUSES[cause]}${counts ? '' : ' (forgiven)'}: ${oneLine(said)}`;
  });
}

/** Each change that the path constraints forbid, and what became of it. */
export function breachLines(report: GoalReport): readonly string[] {
  return report.pathBreaches.map(({ path, change, rule, undone, reason, keptAs }) => {
    const copy = keptAs === null ? '' : `, what it was is in ${oneLine(keptAs)}`;
    const what = undone ? `undone${copy}` : `NOT undone: ${oneLine(reason ?? '')}`;
    return `${oneLine(path)}  ${change}, ${oneLine(rule)}; ${what}`;
  });
}
