import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GoalRan, runGoal } from '../../helpers/cli/run-goal.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { outputs } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** `goal` in the folder of a place. */
const goal = (
  place: Place,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<GoalRan> =>
  runGoal(argv, { cwd: place.repository, env: { GOALD_HOME: world.home, ...env } });

async function asking(): Promise<{ place: Place; id: string }> {
  const place = await world.place(byProgress(runs('touch b.txt'), CLAIM));
  await place.setGoal({ objective: 'Make b.txt.', approvalPolicy: 'untrusted' });
  const { pendingRequest } = await place.stopped();
  return { place, id: pendingRequest?.requestId ?? '' };
}

const made = (place: Place): Promise<boolean> =>
  stat(join(place.repository, 'b.txt')).then(
    () => true,
    () => false,
  );

it('status, attach, watch and approvals show what is asked and the commands that decide it', async () => {
  const { place, id } = await asking();
  for (const argv of [['status'], ['attach'], ['watch', '--until-done', '--since', '0']]) {
    const { out } = await goal(place, argv);
    expect(out, argv[0]).toContain('touch b.txt');
    expect(out, argv[0]).toContain(`goal approve ${id.slice(-8)}`);
    expect(out, argv[0]).toContain(`goal deny ${id.slice(-8)}`);
  }
  expect((await goal(place, ['attach'])).code).toBe(6);
  const { out } = await goal(place, ['approvals']);
  expect(out).toContain(`${id.slice(-8)}  pending  touch b.txt`);
  const json = await goal(place, ['approvals', '--json']);
  expect(json.out).toContain(`"approvalId":"${id}"`);
  expect((await goal(place, ['approve'])).code).toBe(0);
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await made(place)).toBe(true);
});

it('deny tells the agent why, and --stop pauses the goal', async () => {
  const first = await asking();
  const denied = await goal(first.place, ['deny', first.id.slice(-8), '--reason', 'No files.']);
  expect(denied.code).toBe(0);
  expect(denied.out).toContain('decline');
  expect(await first.place.stopped()).toMatchObject({ status: 'complete' });
  expect(outputs(first.place.asked().at(-1)).at(-1)).toContain('No files.');
  expect(await made(first.place)).toBe(false);

  const second = await asking();
  expect((await goal(second.place, ['deny', second.id, '--stop', '--json'])).code).toBe(0);
  expect(await second.place.goal()).toMatchObject({ status: 'paused' });
  expect(await made(second.place)).toBe(false);
});

it('what is approved for good is listed and can be taken back', async () => {
  const { place } = await asking();
  expect((await goal(place, ['approve', '--always'])).code).toBe(0);
  await place.stopped();
  const { out } = await goal(place, ['approvals']);
  const [, rule = ''] = /^(\S+) {2}allowed in all threads: touch b\.txt …$/mu.exec(out) ?? [];
  expect(rule).not.toBe('');
  expect(await goal(place, ['approvals', '--forget', rule])).toMatchObject({ code: 0 });
  expect((await goal(place, ['approvals'])).out).not.toContain('allowed in all threads');
});

it('says what is wrong with an approval that is not there, and refuses an agent', async () => {
  const { place, id } = await asking();
  const nobody = await goal(place, ['approve', 'ffffffff']);
  expect(nobody.code).toBe(1);
  expect(nobody.err).toContain('None is called "ffffffff"');
  expect((await goal(place, ['approve', '--session', '--always'])).code).toBe(2);
  const { homeId, homePaths } = await import('@goald/protocol');
  const { state } = homePaths({ home: world.home, env: {}, cwd: '/' });
  const agent = await goal(place, ['approve', id], { GOALD_OWNER: homeId(state) });
  expect(agent.code).toBe(1);
  expect(agent.err).toMatch(/automatic/u);
  expect(await made(place)).toBe(false);
  await goal(place, ['deny', id, '--stop']);
  expect((await goal(place, ['approve', id])).err).toMatch(/Nothing waits|None is called/u);
});

it('run takes the policy, and refuses one that is none', async () => {
  const place = await world.place(byProgress(CLAIM));
  const bad = await goal(place, ['run', 'x', '--yes', '--approvals', 'maybe']);
  expect(bad.code).toBe(2);
  expect(bad.err).toContain('never, on-request, untrusted');
});
