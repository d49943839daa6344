import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

// .ci/run itself, in a small project whose test command writes the report that the runner would.

const ci = join(import.meta.dirname, '../../../.ci');
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'goald-ci-'));
  mkdirSync(join(project, '.ci'));
  for (const file of ['run', 'test-command.mjs', 'tally.mjs']) {
    cpSync(join(ci, file), join(project, '.ci', file));
  }
});

afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

function run(options: { tests: string[]; check: number; readme?: string }): {
  code: number | null;
  lastLine: string | undefined;
  output: string;
} {
  const report = JSON.stringify({
    testResults: [
      { status: 'passed', assertionResults: options.tests.map((status) => ({ status })) },
    ],
  });
  const failed = options.tests.includes('failed');
  const script = `require('node:fs').writeFileSync(process.env.GOALD_TEST_REPORT, ${JSON.stringify(report)}); process.exitCode = ${failed ? '1' : '0'};`;
  writeFileSync(join(project, 'test.cjs'), script);
  writeFileSync(join(project, 'check.cjs'), `process.exitCode = ${String(options.check)};`);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ scripts: { test: 'node test.cjs', check: 'node check.cjs' } }),
  );
  writeFileSync(join(project, 'README.md'), options.readme ?? '# x\n\n```sh\nnpm test\n```\n');
  const result = spawnSync('bash', ['.ci/run'], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true' },
  });
  return {
    code: result.status,
    lastLine: result.stdout.trimEnd().split('\n').at(-1),
    output: result.stdout + result.stderr,
  };
}

it('ends with the figures when all is well', () => {
  const { code, lastLine } = run({ tests: ['passed', 'passed'], check: 0 });
  expect({ code, lastLine }).toEqual({ code: 0, lastLine: '2 passed, 0 failed' });
});

it('fails with a failed test, and runs the check all the same', () => {
  const { code, lastLine, output } = run({ tests: ['passed', 'failed'], check: 0 });
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '1 passed, 1 failed' });
  expect(output).toContain('$ npm run check');
});

it('fails with a failed check', () => {
  const { code, lastLine } = run({ tests: ['passed'], check: 2 });
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '1 passed, 1 failed' });
});

it('fails when the README gives no test command, and says so', () => {
  const { code, lastLine, output } = run({ tests: ['passed'], check: 0, readme: '# x\n' });
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '0 passed, 1 failed' });
  expect(output).toContain('names no test command');
});

it('fails when no test ran', () => {
  const { code, lastLine } = run({ tests: [], check: 0 });
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '0 passed, 1 failed' });
});
