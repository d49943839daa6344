import { expect, it } from 'vitest';
import { trackedFiles } from './sources.js';

const ALLOWED = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'README.md',
  'AGENTS.md',
  'LICENSE',
  'protocol',
  'server',
  'clients',
  'schemas',
  'test',
  'docs',
  '.ci',
  '.config',
  '.gitignore',
  '.node-version',
  '.npmrc',
  '.prettierignore',
  '.prettierrc.json',
]);

it('the top level holds what the architecture names and nothing else', () => {
  const entries = new Set(trackedFiles().map((path) => path.split('/')[0] ?? path));
  expect([...entries].filter((entry) => !ALLOWED.has(entry))).toEqual([]);
});

it('nothing built or installed is tracked', () => {
  const built = trackedFiles().filter((path) =>
    /(^|\/)(node_modules|dist|coverage)\/|\.tsbuildinfo$/.test(path),
  );
  expect(built).toEqual([]);
});
