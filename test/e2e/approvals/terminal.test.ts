import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { type GoalRan, type GoalRun, type Person, runGoal } from '../../helpers/cli/run-goal.js';
import { goalSetup, type GoalSetup, QUICK } from '../../helpers/goal-setup.js';
import { calls, sequence, type ScriptedReply, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { ASK, outputs, userTexts } from '../people/support/people.js';

const RUN = ['run', 'Make b.txt.', '--yes', '--approvals', 'untrusted'];

const setUp = (...replies: readonly ScriptedReply[]): Promise<GoalSetup> =>
  goalSetup({
    script: sequence(...replies),
    config: { ...QUICK, approvals: { graceSeconds: 30 } },
  });

/** `goal` on a screen, in the repository. */
const onScreen = (
  { home, repository }: GoalSetup,
  argv: readonly string[],
  says: GoalRun['says'],
  env: Readonly<Record<string, string>> = {},
): Promise<GoalRan> =>
  runGoal(argv, { cwd: repository, env: { GOALD_HOME: home, ...env }, says, isScreen: true });

const isThere = ({ repository }: GoalSetup, name: string): Promise<boolean> =>
  stat(join(repository, name)).then(
    () => true,
    () => false,
  );

const pending = async ({ client }: GoalSetup): Promise<string[]> =>
  (await client.request(requests.goalApprovalList, {})).data.map(({ approvalId }) => approvalId);

/** Whoever sits there says nothing until the question is taken back. */
const silent =
  (whenAsked: () => Promise<unknown>): Person =>
  async (_question, signal) => {
    const over = new Promise<null>((resolve) => {
      signal?.addEventListener('abort', () => {
        resolve(null);
      });
    });
    await whenAsked();
    return over;
  };

it('run asks on the screen it shows the goal on: a command, a change with its diff, a question; a no takes its reason along', async () => {
  const patch = toolCall('apply_patch', {
    patch: '*** Begin Patch\n*** Add File: new.txt\n+first\n*** End Patch',
  });
  await using setup = await setUp(
    runs('touch b.txt\necho \u001b[2Khidden'),
    calls(patch),
    ASK,
    CLAIM,
  );
  const says = ['perhaps', 'y', 'n, it is  not wanted', 'Under the mat.'];
  const { code, out, asked } = await onScreen(setup, RUN, says);
  expect(code).toBe(0);
  expect(asked).toHaveLength(4);
  expect(out).toContain(
    `? May it run this command in ${setup.repository}?\n    touch b.txt\n    echo \\u{1b}[2Khidden\n`,
  );
  expect(out).toContain('Type one of y, s, n, p');
  expect(await isThere(setup, 'b.txt')).toBe(true);
  expect(out).toMatch(/\? May it change these files\?\n {4}new \S*new\.txt\n[^?]* {4}\+?first\n/u);
  expect(await isThere(setup, 'new.txt')).toBe(false);
  expect(out).toContain('? Question: Where is the key?');
  const last = setup.model.requests.at(-1);
  expect(outputs(last).join('\n')).toContain('it is  not wanted');
  expect(userTexts(last).join('\n')).toContain('Under the mat.');
});

it('what another client decides first is not asked any more, and the goal goes on', async () => {
  await using setup = await setUp(runs('touch b.txt'), CLAIM);
  const { client } = setup;
  const person = silent(async () => {
    const [approvalId = ''] = await pending(setup);
    await client.request(requests.goalApprovalDecide, { approvalId, decision: 'accept' });
  });
  const { code, out } = await onScreen(setup, RUN, person);
  expect(code).toBe(0);
  expect(out).toContain('No answer is needed any more.');
  expect(await isThere(setup, 'b.txt')).toBe(true);
});

it('who ends the input leaves what is asked open; attach asks it again, and p pauses the goal', async () => {
  await using setup = await setUp(runs('touch b.txt'), CLAIM);
  const left = await onScreen(setup, RUN, []);
  expect(left.code).toBe(130);
  expect(left.err).toMatch(
    /The goal waits until somebody decides: touch b\.txt\n {2}goal approve/u,
  );
  const [approvalId] = await pending(setup);
  expect(approvalId).toBeDefined();
  const attached = await onScreen(setup, ['attach'], ['p']);
  expect(attached.asked).toHaveLength(1);
  expect(attached.code).toBe(6);
  expect(await pending(setup)).toEqual([]);
  expect(await isThere(setup, 'b.txt')).toBe(false);
});

it.each([
  ['in CI', RUN, { CI: 'true' }],
  ['with --json', [...RUN, '--json'], {}],
] as const)('%s nobody is asked: the goal waits', async (_where, argv, env) => {
  await using setup = await setUp(runs('touch b.txt'), CLAIM);
  const { code, asked } = await onScreen(setup, argv, 'y', env);
  expect(asked).toEqual([]);
  expect(code).toBe(6);
  expect(await pending(setup)).toHaveLength(1);
});
