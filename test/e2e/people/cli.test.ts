import type { Blocker, Goal, Proposal } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GoalRan, runGoal } from '../../helpers/cli/run-goal.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM } from '../api/support/scripts.js';
import { ASK, set, userTexts } from './support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** `goal` in the folder of a place. `says`: what a person types when asked. */
const goal = (place: Place, argv: readonly string[], says?: string): Promise<GoalRan> =>
  runGoal(argv, { cwd: place.repository, env: { GOALD_HOME: world.home }, says });

async function asking(): Promise<Place> {
  const place = await world.place(byProgress(ASK, CLAIM));
  await place.setGoal({ objective: 'Open the door.' });
  await place.stopped();
  return place;
}

it('status, attach and watch show the question and the command that answers it', async () => {
  const place = await asking();
  const command = `goal answer ${place.threadId.slice(-8)} "<your answer>"`;
  for (const argv of [
    ['status'],
    ['attach'],
    ['watch', '--until-done', '--since', '0'],
    ['report'],
    ['blockers'],
  ]) {
    const { out } = await goal(place, argv);
    expect(out, argv[0]).toContain('Where is the key?');
    expect(out, argv[0]).toContain(command);
  }
  expect((await goal(place, ['attach'])).code).toBe(3);
});

it('answer without a thread answers the goal of this folder, and it goes on', async () => {
  const place = await asking();
  const { code, out, err } = await goal(place, ['answer', 'Under the mat.']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('active');
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(userTexts(place.asked()[1])[0]).toContain('Under the mat.');
  const { out: list } = await goal(place, ['blockers']);
  expect(list).toContain('answered: Under the mat.');
  expect(list).not.toContain('goal answer');
});

it('answer takes a thread, a blocker and --json; a second answer fails and says why', async () => {
  const [place, other] = [await asking(), await asking()];
  const listed = await goal(other, ['blockers', place.threadId, '--json']);
  const blocker = JSON.parse(listed.out) as Blocker;
  const which = ['--blocker', blocker.blockerId.slice(-8), '--json'];
  const first = await goal(other, ['answer', place.threadId, 'Under the mat.', ...which]);
  expect(first.code).toBe(0);
  expect(JSON.parse(first.out) as Goal).toMatchObject({
    threadId: place.threadId,
    status: 'active',
  });
  await place.stopped();
  const second = await goal(other, ['answer', place.threadId, 'No.', ...which]);
  expect(second).toMatchObject({ code: 1, out: '' });
  expect(await other.goal()).toMatchObject({ status: 'blocked' });
});

it('answer asks on a terminal when no words are given, and is wrong usage without one', async () => {
  const place = await asking();
  const short = place.threadId.slice(-8);
  const silent = await goal(place, ['answer', short]);
  expect(silent.code).toBe(2);
  expect(silent.err).toContain('goal answer');
  expect((await goal(place, ['answer', short, ' '])).code).toBe(2);
  expect((await goal(place, ['answer', short, 'x', '--done'])).code).toBe(2);
  expect((await goal(place, ['answer', short], '')).code).toBe(1);
  expect(await place.goal()).toMatchObject({ status: 'blocked' });
  expect((await goal(place, ['answer', short], 'Under the mat.')).code).toBe(0);
  await place.stopped();
  expect(userTexts(place.asked()[1])[0]).toContain('Under the mat.');
});

it('answer --done says without words that nothing stands in the way any more', async () => {
  const place = await asking();
  expect((await goal(place, ['answer', '--done'])).code).toBe(0);
  await place.stopped();
  expect(userTexts(place.asked()[1])[0]).toContain('is resolved, go on');
});

it('proposals are listed, accepted and declined', async () => {
  const stop = { blocker: { summary: 'Which one?' } };
  const place = await world.place(
    byProgress(
      set({ proposed_objective: 'Something wiser.', ...stop }),
      set({ proposed_objective: 'Something wilder.', blocker: { summary: 'And now?' } }),
    ),
  );
  await place.setGoal({ objective: 'Something hard.' });
  await place.stopped();
  const listed = await goal(place, ['proposals']);
  expect(listed.out).toMatch(/pending {2}Something wiser\.\n\n {2}goal accept-proposal/u);
  const accepted = await goal(place, ['accept-proposal']);
  expect(accepted.code).toBe(0);
  expect(accepted.out).toContain('Something wiser.');
  expect(await place.goal()).toMatchObject({ objective: 'Something wiser.', status: 'blocked' });
  await goal(place, ['answer', '--done']);
  await place.stopped();
  const declined = await goal(place, ['decline', '--reason', 'Too wild.', '--json']);
  expect(JSON.parse(declined.out) as Goal).toMatchObject({ objective: 'Something wiser.' });
  const lines = (await goal(place, ['proposals', '--json'])).out.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as Proposal).decision)).toEqual([
    'accepted',
    'declined',
  ]);
  const none = await goal(place, ['accept-proposal']);
  expect(none).toMatchObject({ code: 1, out: '' });
  expect(none.err).toContain('waits for a decision');
});
