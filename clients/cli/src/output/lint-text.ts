import type { Lint, LintFinding, SuggestedCheck } from '@goald/client';
import type { Paint } from '../terminal/terminal.js';
import { plural } from './format.js';
import { oneLine, wrap } from './text.js';

const INDENT = '    ';

/** What `goal lint` prints: the verdict, what to do about each finding, and what the daemon will read out of the objective. */
export function lintText(objective: string, lint: Lint, paint: Paint, columns: number): string {
  const verdict = lint.verdict === 'weak' ? paint.red('weak') : paint.green('good');
  const sections = [
    `${verdict}  ${paint.bold(oneLine(objective))}`,
    ...lint.findings.map((finding) => findingText(finding, paint, columns)),
    phaseText(lint.phases, paint),
    readText(lint, paint),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

/** One line for `goal run`; null where the objective is not weak. */
export function lintHint(lint: Lint, suggested: readonly SuggestedCheck[]): string | null {
  const problems = lint.findings.filter(({ severity }) => severity === 'problem');
  const [first, ...others] = problems;
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  const check = suggested[0]?.command ?? 'npm test';
  const unproved = problems.some(({ code }) => code === 'no-verification');
  const tip = unproved ? ` Tip: --verify "${oneLine(check)}".` : '';
  return `Weak objective: ${oneLine(first.message)}${more}${tip} \`goal lint "…"\` says what to do.`;
}

function findingText(
  { severity, message, advice }: LintFinding,
  paint: Paint,
  columns: number,
): string {
  const mark = severity === 'problem' ? paint.red('✗') : paint.yellow('!');
  const lines = wrap(oneLine(advice), Math.min(columns, 100) - INDENT.length);
  return [
    `${mark} ${oneLine(message)}`,
    ...lines.map((line) => paint.dim(`${INDENT}${line}`)),
  ].join('\n');
}

function phaseText(phases: readonly string[], paint: Paint): string {
  if (phases.length === 0) return '';
  const lines = phases.map((phase, at) => `  ${String(at + 1)}. ${oneLine(phase)}`);
  return `${paint.bold('Phases')}\n${lines.join('\n')}`;
}

function readText({ sections }: Lint, paint: Paint): string {
  const { requirements, verification, constraints } = sections;
  if (requirements === null && verification === null && constraints === null) return '';
  const { allow, deny } = constraints?.paths ?? { allow: [], deny: [] };
  const lines = [
    ...(requirements === null ? [] : [plural(requirements.length, 'requirement')]),
    ...(verification ?? []).map(
      ({ command, timeoutSeconds }) =>
        `check \`${oneLine(command)}\` (${String(timeoutSeconds)} s)`,
    ),
    ...(allow.length === 0 ? [] : [`only ${oneLine(allow.join(' '))}`]),
    ...(deny.length === 0 ? [] : [`never ${oneLine(deny.join(' '))}`]),
    ...(constraints?.notes ?? []).map((note) => `rule: ${oneLine(note)}`),
  ];
  return `${paint.bold('Read from its sections')}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
