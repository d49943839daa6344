import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputsOf } from '../../../.ci/setup/build.mjs';
import { npmAdvice, tail } from '../../../.ci/setup/errors.mjs';
import { missingPackages } from '../../../.ci/setup/installed.mjs';
import { runToEnd } from '../../../.ci/setup/run-quiet.mjs';
import { MINIMUM_NODE, nodeVersionProblem } from '../../../.ci/setup/node-version.mjs';
import { tally } from '../../../.ci/tally.mjs';
import { testCommand } from '../../../.ci/test-command.mjs';

describe('the Node version', () => {
  it.each(['20.19.0', '20.20.2', 'v20.19.1', '22.0.0', '24.3.0'])('%s will do', (version) => {
    expect(nodeVersionProblem(version)).toBeNull();
  });

  it.each(['20.18.3', '18.20.8', '9.0.0', 'v16.1.0'])(
    '%s is too old, and the message says what to do',
    (version) => {
      expect(nodeVersionProblem(version)).toContain(`20.19 or newer; this is ${version}`);
      expect(nodeVersionProblem(version)).toContain('Install a newer one');
    },
  );

  it('the minimum is the one in every package.json', () => {
    const folders = ['', 'protocol', 'server', 'clients/core', 'clients/cli', 'test'];
    for (const folder of folders) {
      const file = join(import.meta.dirname, '../../..', folder, 'package.json');
      const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines?: { node?: string } };
      expect(engines?.node, file).toBe(`>=${MINIMUM_NODE.join('.')}`);
    }
  });
});

describe('what is installed', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0' },
      protocol: { version: '0.1.0' },
      'node_modules/@goald/protocol': { link: true },
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/@esbuild/darwin-arm64': { version: '0.28.0', optional: true },
      'test/node_modules/ajv': { version: '8.20.0' },
    },
  };
  const present = {
    packages: {
      protocol: { version: '0.1.0' },
      'node_modules/@goald/protocol': { link: true },
      'node_modules/zod': { version: '4.6.7' },
      'test/node_modules/ajv': { version: '8.20.0' },
    },
  };

  it('is enough when every package is there; optional ones may be left out', () => {
    expect(missingPackages(wanted, present)).toEqual([]);
  });

  it('names what is missing, and what is there in another version', () => {
    const older = { packages: { ...present.packages, 'node_modules/zod': { version: '4.6.6' } } };
    expect(missingPackages(wanted, older)).toEqual(['node_modules/zod']);
    expect(missingPackages(wanted, { packages: {} })).toEqual([
      'node_modules/@goald/protocol',
      'node_modules/zod',
      'test/node_modules/ajv',
    ]);
  });

  it('of an empty node_modules is nothing', () => {
    expect(missingPackages(wanted, {})).toHaveLength(3);
  });
});

describe('what a source becomes', () => {
  it.each([
    [
      'goals/budget.ts',
      ['budget.js', 'budget.js.map', 'budget.d.ts', 'budget.d.ts.map'].map(
        (file) => `goals/${file}`,
      ),
    ],
    ['app.tsx', ['app.js', 'app.js.map', 'app.d.ts', 'app.d.ts.map']],
    ['agent/prompts/base.md', ['agent/prompts/base.md']],
    ['globals.d.ts', []],
  ])('%s becomes %j', (source, outputs) => {
    expect(outputsOf(source)).toEqual(outputs);
  });
});

describe('what to do when npm fails', () => {
  it.each([
    ['npm error code ENOTFOUND', 'network'],
    ['gyp ERR! find Python', 'C++ compiler'],
    ['npm error code EUSAGE', 'npm install'],
    ['npm error code EACCES', 'who owns'],
    ['npm error code ENOSPC', 'disk'],
    ['something new', 'Read the output above'],
  ])('%s: the advice names %s', (output, words) => {
    expect(npmAdvice(output)).toContain(words);
  });

  it('a long output is cut to its end, and says so', () => {
    const lines = Array.from({ length: 10 }, (_, index) => `line ${String(index)}`);
    expect(tail(lines.join('\n'), 3)).toBe('… 7 lines before\nline 7\nline 8\nline 9');
    expect(tail('a\nb\n', 3)).toBe('a\nb');
  });
});

describe("the README's test command", () => {
  it('is the first line of a fenced block that starts with npm test', () => {
    expect(testCommand('Run\n\n```sh\nnpm start\nnpm test\n```\n')).toBe('npm test');
    expect(testCommand('```\n$ npm test   # about two minutes\n```')).toBe('npm test');
    expect(testCommand('~~~\nnpm test -- --coverage\n~~~')).toBe('npm test -- --coverage');
  });

  it.each([
    '',
    'npm test',
    'Say `npm test`.',
    '```\nnpm tests\n```',
    '```\nnpm start\n```\nnpm test\n',
  ])('is not found in %j', (readme) => {
    expect(testCommand(readme)).toBeNull();
  });
});

describe('the figures of a run', () => {
  const good = { testStatus: 0, checkStatus: 0 };
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  });

  it('are those of the runner', () => {
    const report = {
      testResults: [file('passed', 'passed', 'passed'), file('failed', 'failed', 'passed')],
    };
    expect(tally(report, { testStatus: 1, checkStatus: 0 })).toEqual({ passed: 3, failed: 1 });
    expect(tally({ testResults: [file('passed', 'passed')] }, good)).toEqual({
      passed: 1,
      failed: 0,
    });
  });

  it('a failed check is one failure more', () => {
    const report = { testResults: [file('passed', 'passed')] };
    expect(tally(report, { testStatus: 0, checkStatus: 2 })).toEqual({ passed: 1, failed: 1 });
  });

  it('a file that does not load is a failure', () => {
    const report = { testResults: [file('passed', 'passed'), file('failed')] };
    expect(tally(report, { testStatus: 1, checkStatus: 0 })).toEqual({ passed: 1, failed: 1 });
  });

  it('a command that ended badly without a failed test is a failure', () => {
    const report = { testResults: [file('passed', 'passed')] };
    expect(tally(report, { testStatus: 137, checkStatus: 0 })).toEqual({ passed: 1, failed: 1 });
  });

  it('a run without a test, or without a report, is a failure', () => {
    expect(tally({ testResults: [] }, good)).toEqual({ passed: 0, failed: 1 });
    expect(tally(null, good)).toEqual({ passed: 0, failed: 1 });
  });

  it('a skipped test counts for nothing', () => {
    const report = { testResults: [file('passed', 'passed', 'pending')] };
    expect(tally(report, good)).toEqual({ passed: 1, failed: 0 });
  });
});

describe('a tool that is run to its end', () => {
  const run = (script: string): ReturnType<typeof runToEnd> =>
    runToEnd(process.execPath, ['--eval', script], { cwd: '/' });

  it.each([
    ['console.log(1); process.exitCode = 3', { code: 3, signal: null, output: '1\n' }],
    ["process.kill(process.pid, 'SIGABRT')", { code: 1, signal: 'SIGABRT', output: '' }],
  ])('%s', async (script, end) => {
    expect(await run(script)).toEqual(end);
  });

  it('that cannot be started has code 127', async () => {
    const end = await runToEnd('/no/such/program', [], { cwd: '/' });
    expect(end).toMatchObject({ code: 127, signal: null });
  });
});
