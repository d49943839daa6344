import { changedChecks } from '@goald/server/engine/gate/changed-checks.js';
import { describe, expect, it } from 'vitest';

const none = () => Promise.resolve({ before: null, after: null });

async function isCheck(path: string, command = 'true'): Promise<boolean> {
  return (await changedChecks([path], [command], none)).length === 1;
}

describe('what a verification relies on', () => {
  it.each([
    'test/parser.js',
    'packages/a/__tests__/x.ts',
    'src/parser.test.ts',
    'pkg/parser_test.go',
    'tests/test_parser.py',
    'src/test/java/ParserTest.java',
    'vitest.config.ts',
    'packages/a/jest.config.cjs',
    'eslint.config.js',
    'tsconfig.build.json',
    'Makefile',
    'pyproject.toml',
    'src/conftest.py',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    '.mocharc.yml',
  ])('%s is part of it', async (path) => {
    expect(await isCheck(path)).toBe(true);
  });

  it.each(['src/parser.ts', 'README.md', 'src/latest.js', 'src/contest/a.js', 'docs/testing.md'])(
    '%s is not',
    async (path) => {
      expect(await isCheck(path)).toBe(false);
    },
  );

  it('a file that a command names is, in whatever way it is called', async () => {
    expect(await isCheck('scripts/check.mjs', 'node ./scripts/check.mjs --all')).toBe(true);
    expect(await isCheck('run.sh', 'CI=1 sh run.sh; true')).toBe(true);
    expect(await isCheck('run.sh', 'npm test')).toBe(false);
  });

  it.each([
    ['{"scripts":{"test":"a"}}', '{"scripts":{"test":"b"}}', true],
    ['{"scripts":{"test":"a"}}', '{"scripts":{"test":"a"},"dependencies":{"x":"1"}}', false],
    ['{"scripts":{}}', null, true],
    ['{"scripts":{}}', '{"scripts":', true],
    ['{}', '{"jest":{"bail":true}}', true],
  ])('package.json from %s to %s: %s', async (before, after, found) => {
    const texts = () => Promise.resolve({ before, after });
    expect(await changedChecks(['package.json'], [], texts)).toEqual(found ? ['package.json'] : []);
  });
});
