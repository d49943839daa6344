import { EXIT_HELP } from '@goald/cli/exit-codes.js';
import { expect, it } from 'vitest';
import { type GoalRan, runGoal } from '../../helpers/cli/run-goal.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function goal(argv: readonly string[], options: { answer?: string } = {}): Promise<GoalRan> {
  await using folder = await tempFolder();
  const env = { GOALD_HOME: folder.path };
  return await runGoal(argv, { cwd: folder.path, env, says: options.answer });
}

it.each([
  [['run']],
  [['run', '   ', '--yes']],
  [['run', 'x', '--budget', 'lots', '--yes']],
  [['run', 'x', '--time', '5', '--yes']],
  [['run', 'x', '--cost', 'cheap', '--yes']],
  [['resume', '--add-cost', '0']],
  [['run', 'x', '--cwd', 'nowhere', '--yes']],
  [['list', '--status', 'odd']],
  [['watch', '--since', '-1']],
  [['--nonsense']],
  [['pause', 'a', 'b']],
  [['lint']],
  [['lint', 'x', '--cwd', 'nowhere']],
])('%j is wrong usage: exit 2, and stderr says what is wrong', async (argv) => {
  const { code, err } = await goal(argv);
  expect(code).toBe(2);
  expect(err.length).toBeGreaterThan(10);
});

it('lint says what is weak, exits with 9, and needs no daemon', async () => {
  const { code, out } = await goal(['lint', 'Fix all bugs']);
  expect(code).toBe(9);
  expect(out).toContain('weak  Fix all bugs');
  expect(out).toContain('“all bugs” has no end.');
  expect(out).toContain('No command proves that it is done');
});

it('lint exits with 0 for a good objective, and prints it all as JSON', async () => {
  const objective = 'The import accepts quoted newlines\n\nVerification:\n- npm test';
  const { code, out } = await goal(['lint', objective, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    objective,
    verdict: 'good',
    phases: [],
    suggested: [],
    sections: { verification: [{ command: 'npm test' }], requirements: null },
  });
});

it('lint shows what the daemon will read, and the phases', async () => {
  const { code, out } = await goal([
    'lint',
    'Add OAuth login. Migrate to Postgres. Port the UI to React.\n\nConstraints:\n- deny: docs',
    '--verify',
    'npm test',
  ]);
  expect(code).toBe(9);
  expect(out).toContain('  2. Migrate to Postgres');
  expect(out).toContain('never docs');
});

it('a mistyped command is no silent status', async () => {
  const { code, err } = await goal(['stauts']);
  expect(code).toBe(2);
  expect(err).toContain('There is no command "stauts"');
});

it('run without a terminal and without --yes says to pass --yes and starts nothing', async () => {
  const { code, err } = await goal(['run', 'do it']);
  expect(code).toBe(2);
  expect(err).toContain('--yes');
});

it('run asks before it changes files, and no is no', async () => {
  const { code, err } = await goal(['run', 'do it'], { answer: 'n' });
  expect(code).toBe(1);
  expect(err).toContain('nothing was changed');
});

it.each([
  ['status'],
  ['list'],
  ['watch'],
  ['attach'],
  ['pause'],
  ['clear'],
  ['report'],
  ['daemon', 'status'],
])('%s without a daemon exits with 5 and names the way to start one', async (...argv) => {
  const { code, out, err } = await goal(argv);
  expect(code).toBe(5);
  expect(out + err).toContain('goal daemon start');
});

it('token without a token says when there will be one', async () => {
  const { code, err } = await goal(['token']);
  expect(code).toBe(1);
  expect(err).toContain('goal daemon start');
});

it('--help ends well and shows the exit codes', async () => {
  const { code } = await goal(['--help']);
  expect(code).toBe(0);
  expect(EXIT_HELP).toMatch(/130 {2}detached/u);
});
