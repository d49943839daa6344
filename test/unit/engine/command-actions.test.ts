import { commandActions } from '@goald/server/engine/command-actions.js';
import { expect, it } from 'vitest';

const of = (command: string): unknown => {
  const [action, ...more] = commandActions(command, '/repo');
  expect(more).toEqual([]);
  expect(action?.command).toBe(command);
  return { ...action, command: undefined };
};

it.each([
  ['cat src/a.ts', 'a.ts', '/repo/src/a.ts'],
  ["nl -ba 'a b.txt'", 'a b.txt', '/repo/a b.txt'],
  ['head -n 20 a.txt', 'a.txt', '/repo/a.txt'],
  ['sed -n 1,40p /etc/hosts', 'hosts', '/etc/hosts'],
])('%s reads', (command, name, path) => {
  expect(of(command)).toEqual({ type: 'read', name, path });
});

it.each([
  ['ls', null],
  ['ls -la src', 'src'],
])('%s lists files', (command, path) => {
  expect(of(command)).toEqual({ type: 'listFiles', path });
});

it.each([
  ['rg -n needle', 'needle', null],
  ['grep -rn "two words" src', 'two words', 'src'],
])('%s searches', (command, query, path) => {
  expect(of(command)).toEqual({ type: 'search', query, path });
});

it.each([
  'npm test',
  'cat a.txt | wc -l',
  'cat a.txt > b.txt',
  'cat $FILE',
  'cat a.txt; rm b.txt',
  'cat a.txt && rm b.txt',
  'cat $(which node)',
  'cat a.txt b.txt',
  'cat "`id`"',
  'sed -i s/a/b/ a.txt',
  'cat a.txt\nrm b.txt',
  '',
])('%j is no more than a command', (command) => {
  expect(of(command)).toEqual({ type: 'unknown' });
});
