import type { SuiteRun } from './run-suite.js';

export interface NamedRun extends SuiteRun {
  readonly name: string;
  readonly version: string;
}

/** What the runs showed, for docs/measurements/sandboxed-suites.md. */
export function report(runs: readonly NamedRun[], date: string): string {
  return [
    '# Test-suites in the sandbox',
    '',
    `Made by \`npm run test:sandboxed\`, ${date}. Each suite is the verification command of a goal in \`workspace-write\` without a network, run by a real daemon in a`,
    'fresh clone; its servers listen on the loopback that the command has of its own. goald’s own suite starts daemons inside, and those put sandboxes',
    'into the sandbox: nothing is switched off for it.',
    '',
    '| Suite | Version | Passed | Failed | Left out | Seconds | The daemon says |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...runs.map(row),
    '',
    ...runs.flatMap(({ name, counts }) =>
      counts.failures.length === 0
        ? []
        : [`## What failed in ${name}`, '', ...counts.failures.map((test) => `- ${test}`), ''],
    ),
  ].join('\n');
}

function row({ name, version, counts, verified, seconds }: NamedRun): string {
  const { passed, failed, leftOut } = counts;
  const figures = [passed, failed, leftOut, seconds].map(String).join(' | ');
  return `| ${name} | ${version} | ${figures} | ${verified ? 'verified' : 'not verified'} |`;
}
