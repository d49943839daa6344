import { lintObjective, type LintContext } from '@goald/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NONE: LintContext = { verify: [], suggested: [] };
const CHECKED: LintContext = { verify: ['npm test'], suggested: [] };
const codes = (objective: string, context = CHECKED) =>
  lintObjective(objective, context).findings.map(({ code }) => code);
const problems = (objective: string, context = CHECKED) =>
  lintObjective(objective, context)
    .findings.filter(({ severity }) => severity === 'problem')
    .map(({ code }) => code);

describe('a good objective', () => {
  it.each([
    'The CSV import accepts quoted newlines',
    'Make the tests pass',
    '`npm test` fails in test/date.test.js with "Invalid time value": make it pass',
    'Refactor the parser so that every rule has its own file',
    'Add dark mode, write tests for it and update the README',
    'Replace moment by date-fns; remove the old dependency',
    'Import a 100 MB file in under 10 s',
    'GET /users answers 404 for unknown ids instead of 500',
  ])('%j has no problem', (objective) => {
    expect(problems(objective)).toEqual([]);
    expect(lintObjective(objective, CHECKED).verdict).toBe('good');
  });

  it('with sections says all there is to say', () => {
    const objective =
      'The import accepts quoted newlines.\n\n## Verification\n- `npm test`\n\n## Constraints\n- deny: test/**';
    expect(lintObjective(objective, NONE)).toMatchObject({
      verdict: 'good',
      findings: [],
      phases: [],
      sections: { verification: [{ command: 'npm test' }] },
    });
  });
});

describe('a weak objective', () => {
  it.each([
    ['fix it', 'no-subject'],
    ['Fix the bug', 'no-subject'],
    ['Improve performance', 'no-outcome'],
    ['Please look into the code', 'no-outcome'],
    ['Why is the import slow?', 'question'],
    ['Fix all bugs of the importer', 'unbounded'],
    ['Add types to the entire codebase', 'unbounded'],
    ['Make the import as fast as possible', 'unbounded'],
    ['Rewrite the server from scratch', 'unbounded'],
    ['Keep improving the docs', 'unbounded'],
    [
      'Add OAuth login. Migrate the database to Postgres. Rewrite the UI in React.',
      'several-goals',
    ],
    ['- Add OAuth login\n- Migrate to Postgres\n- Port the UI to React', 'several-goals'],
    [`Add it.\n\n${'x'.repeat(4000)}`, 'too-long'],
    [
      `The API is complete.\n\n## Requirements\n${'- one more thing works\n'.repeat(13)}`,
      'too-large',
    ],
    ['', 'empty'],
  ])('%j: %s', (objective, code) => {
    expect(problems(objective)).toContain(code);
    expect(lintObjective(objective, CHECKED).verdict).toBe('weak');
  });

  it('has nothing that proves it, and is told what its folder offers', () => {
    const suggested = [
      { command: 'pnpm test', from: 'package.json' },
      { command: 'make check', from: 'Makefile' },
    ];
    const objective = 'The CSV import accepts quoted newlines';
    expect(problems(objective, NONE)).toEqual(['no-verification']);
    const [finding] = lintObjective(objective, { verify: [], suggested }).findings;
    expect(finding?.advice).toContain('--verify "pnpm test"');
    expect(finding?.advice).toContain('`make check`');
    expect(problems(`${objective}\n\nVerification:\n- npm test`, NONE)).toEqual([]);
  });
});

describe('advice', () => {
  it.each([
    ['Make the import faster', 'vague'],
    ['The importer is robust', 'vague'],
    ['Support csv, tsv etc. in the importer', 'vague'],
    ['Add OAuth login and migrate the sessions to Redis', 'several-goals'],
    ['The import works\n\n## Verification\n- the page looks right', 'unreadable-check'],
    ['The import accepts newlines', 'open-checks'],
  ])('%j: %s', (objective, code) => {
    const found = lintObjective(objective, CHECKED).findings.find((each) => each.code === code);
    expect(found?.severity).toBe('advice');
  });

  it('is not given where a figure says what is meant', () => {
    expect(codes('The import is faster: under 2 s for 100k rows')).not.toContain('vague');
  });

  it('on tests that could be bent is not for goals that write tests, or deny paths', () => {
    expect(codes('Add tests for the parser')).not.toContain('open-checks');
    expect(codes('It works.\n\nConstraints:\n- deny: test/**')).not.toContain('open-checks');
  });

  it('names the word it is about', () => {
    const [finding] = lintObjective('The importer is robust', CHECKED).findings.filter(
      ({ code }) => code === 'vague',
    );
    expect(finding?.message).toContain('“robust”');
  });
});

describe('phases', () => {
  it('are the tasks, in their own words and order, without what goes along with them', () => {
    expect(
      lintObjective(
        'Add OAuth login and write tests for it. Then migrate the database to Postgres; update the docs.',
        CHECKED,
      ).phases,
    ).toEqual(['Add OAuth login', 'migrate the database to Postgres']);
  });

  it('are groups of requirements where there are too many', () => {
    const list = Array.from({ length: 13 }, (_, at) => `- R${String(at)} works`).join('\n');
    const { phases } = lintObjective(`The API is complete.\n\n# Requirements\n${list}`, CHECKED);
    expect(phases).toHaveLength(4);
    expect(phases[0]).toBe('R0 works; R1 works; R2 works; R3 works');
  });
});

it('lint never fails, says a problem exactly where it says weak, and has advice for each finding', () => {
  const words = fc.constantFrom(
    'fix',
    'all',
    'bugs',
    'Add',
    'and',
    '.',
    '\n- ',
    '?',
    'faster',
    '`a`',
    '# Verification\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 30 }), (parts) => {
      const lint = lintObjective(parts.join(' '), NONE);
      const weak = lint.findings.some(({ severity }) => severity === 'problem');
      expect(lint.verdict).toBe(weak ? 'weak' : 'good');
      for (const finding of lint.findings) {
        expect(finding.message.length).toBeGreaterThan(10);
        expect(finding.advice.length).toBeGreaterThan(10);
      }
    }),
  );
});
