import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeId } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GoalRan, runGoal } from '../../helpers/cli/run-goal.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { CLAIM } from '../api/support/scripts.js';

let setup: GoalSetup;
beforeAll(async () => {
  setup = await goalSetup({ script: () => CLAIM, config: QUICK });
});
afterAll(() => setup[Symbol.asyncDispose]());

let made = 0;
async function repository(files: Readonly<Record<string, string>>): Promise<string> {
  made += 1;
  return makeRepository(join(setup.folder, `p${String(made)}`), { 'a.txt': 'a\n', ...files });
}

const SETTINGS = { '.goald/config.json': '{ "limits": { "maxTurns": 3 } }' };

/** `goal` in a folder. `says`: what a person types, question by question; none: nobody is there. */
const goal = (
  cwd: string,
  argv: readonly string[],
  says?: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<GoalRan> => runGoal(argv, { cwd, env: { GOALD_HOME: setup.home, ...env }, says });

const RUN = ['run', 'Do it.', '--wait'];

it('run asks once whether a folder that brings settings is trusted; a no is kept, and can be changed', async () => {
  const folder = await repository({ ...SETTINGS, 'AGENTS.md': 'Rules.\n' });
  const first = await goal(folder, RUN, ['y', 'n']);
  expect(first.asked).toHaveLength(2);
  expect(first.asked[1]).toContain(
    `${folder} brings settings (.goald/config.json) and instructions`,
  );
  expect(first.err).toContain('is not trusted: its settings (.goald/config.json) are not read');
  const second = await goal(folder, RUN, ['y']);
  expect(second.asked).toHaveLength(1);
  expect(second.err).toContain('is not trusted');

  const { code, out } = await goal(folder, ['trust']);
  expect(code).toBe(0);
  expect(out).toContain('is trusted');
  expect(out).toContain('limits.maxTurns: 3');
  expect((await goal(folder, RUN, ['y'])).err).not.toContain('not trusted');
});

it('yes is kept, too, and --revoke makes it ask again', async () => {
  const folder = await repository(SETTINGS);
  expect((await goal(folder, RUN, ['y', 'yes'])).err).not.toContain('not trusted');
  expect((await goal(folder, RUN, ['y'])).asked).toHaveLength(1);
  expect((await goal(folder, ['trust', '--revoke'])).out).toContain('not trusted');
  expect((await goal(folder, RUN, ['y', 'n'])).asked).toHaveLength(2);
});

it.each([
  ['without a terminal', [...RUN, '--yes'], undefined, {}],
  ['with --yes', [...RUN, '--yes'], ['y'], {}],
  ['with --json', [...RUN, '--json', '--yes'], ['y'], {}],
  ['in CI', RUN, ['y', 'y'], { CI: 'true' }],
] as const)(
  '%s nobody is asked: untrusted, and stderr says so',
  async (_where, argv, says, env) => {
    const folder = await repository(SETTINGS);
    const { asked, err } = await goal(folder, argv, says, env);
    expect(asked.filter((question) => question.includes('trust'))).toEqual([]);
    expect(err).toContain(`${folder} is not trusted`);
    const list = await goal(folder, ['trust', '--list']);
    expect(list.out).not.toContain(folder);
  },
);

it('a folder that brings nothing is not asked about', async () => {
  const folder = await repository({});
  expect((await goal(folder, RUN, ['y'])).asked).toHaveLength(1);
});

it('trust names another folder, lists all, and prints JSON', async () => {
  const folder = await repository(SETTINGS);
  await mkdir(join(folder, 'src'));
  expect((await goal(setup.folder, ['trust', join(folder, 'src')])).out).toContain(folder);
  const { out } = await goal(setup.folder, ['trust', '--list', '--json']);
  const lines = out.split('\n').filter(Boolean);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ root: folder, trust: 'trusted', decidedBy: 'goal-cli' }),
  );
  expect((await goal(setup.folder, ['trust', '--list'])).out).toContain(`trusted    ${folder}`);
});

it('trust in settings that cannot be used exits with 1 and says what is wrong', async () => {
  const folder = await repository({});
  await mkdir(join(folder, '.goald'));
  await writeFile(join(folder, '.goald/config.json'), '{\n  "engine": {}\n}');
  const { code, out } = await goal(folder, ['trust']);
  expect(code).toBe(1);
  expect(out).toContain('Unrecognized key: "engine"');
});

it.each([
  [['trust', 'nowhere'], 'is not a folder'],
  [['trust', '--list', '.'], 'leave out the folder'],
])('%j is wrong usage', async (argv, words) => {
  const { code, err } = await goal(setup.repository, argv);
  expect(code).toBe(2);
  expect(err).toContain(words);
});

it('an agent that runs goal trust against its own daemon is refused', async () => {
  const folder = await repository(SETTINGS);
  const { code, err } = await goal(folder, ['trust'], undefined, {
    GOALD_OWNER: homeId(setup.home),
  });
  expect(code).toBe(1);
  expect(err).toContain('Only a user may trust a folder');
});

it('trust outlasts the daemon', async () => {
  const folder = await repository(SETTINGS);
  await goal(folder, ['trust']);
  await setup.restart();
  expect((await goal(folder, ['trust', '--list'])).out).toContain(folder);
});
