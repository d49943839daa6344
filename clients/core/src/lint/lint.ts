import { type ObjectiveSections, readObjective } from '@goald/protocol';
import { findChecks } from './rules/checks.js';
import { findSize } from './rules/size.js';
import { findUnclear } from './rules/unclear.js';
import { tasksIn } from './tasks.js';

export const LINT_CODES = [
  'empty',
  'too-long',
  'question',
  'no-subject',
  'no-outcome',
  'no-verification',
  'unreadable-check',
  'open-checks',
  'unbounded',
  'several-goals',
  'too-large',
  'vague',
] as const;
export type LintCode = (typeof LINT_CODES)[number];

export interface LintFinding {
  readonly code: LintCode;
  /** One problem makes an objective weak; advice makes a good one better. */
  readonly severity: 'problem' | 'advice';
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A command that a repository offers for verification, and what says so. */
export interface SuggestedCheck {
  readonly command: string;
  readonly from: string;
}

export interface LintContext {
  /** Commands that verify the goal beside those of the objective's own section. */
  readonly verify: readonly string[];
  readonly suggested: readonly SuggestedCheck[];
}

export interface Lint {
  readonly verdict: 'good' | 'weak';
  readonly findings: readonly LintFinding[];
  /** Goals to set one after another instead; empty where one is enough. */
  readonly phases: readonly string[];
  /** What the daemon will read out of the objective. */
  readonly sections: Pick<ObjectiveSections, 'requirements' | 'verification' | 'constraints'>;
}

/** What a rule looks at. */
export interface Subject {
  readonly text: string;
  readonly sections: ObjectiveSections;
  /** The objective without its sections, as plain text. */
  readonly prose: string;
  /** What it asks to be done, without tests and documents that go with it. */
  readonly tasks: readonly string[];
  readonly context: LintContext;
}

/** Tells what makes an objective weak or too large. Pure rules: no model is asked, nothing is run. */
export function lintObjective(objective: string, context: LintContext): Lint {
  const text = objective.trim();
  const sections = readObjective(text);
  const lines = sections.rest.flatMap((block) => (block.kind === 'code' ? [] : [block.text]));
  const prose = lines.join('\n').trim();
  const subject: Subject = { text, sections, prose, tasks: tasksIn(sections.rest), context };
  const size = findSize(subject);
  const all = [...findUnclear(subject), ...findChecks(subject), ...size.findings];
  const weak = all.some(({ severity }) => severity === 'problem');
  // How to make a good goal better is said of good ones.
  const findings = all
    .filter(({ code }) => !weak || code !== 'open-checks')
    .sort((a, b) => rank(a) - rank(b));
  const { requirements, verification, constraints } = sections;
  return {
    verdict: weak ? 'weak' : 'good',
    findings,
    phases: size.phases,
    sections: { requirements, verification, constraints },
  };
}

function rank({ code, severity }: LintFinding): number {
  return (severity === 'problem' ? 0 : LINT_CODES.length) + LINT_CODES.indexOf(code);
}
