import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goalCommand, jsonLines } from '../../helpers/goal-command.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { byProgress, says, type ScriptedRequest } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { ASK, eventsOf, steeringOf, userTexts } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

it('1. Loops without progress burn millions of tokens: a goal set without any limit stops by itself after 3 idle turns, says what it tried, and has finite limits', async () => {
  const place = await world.place(({ progress }) =>
    progress % 3 === 0 ? says('I will look into it.') : runs('ls'),
  );
  const set = await place.setGoal({ objective: 'Make it faster.' });
  expect(set).toMatchObject({
    tokenBudget: null,
    tokenCeiling: 2_000_000,
    timeBudgetSeconds: 14_400,
    maxTurns: 200,
  });
  const goal = await place.stopped();
  expect(goal).toMatchObject({
    status: 'blocked',
    turnsUsed: 3,
    nextActionAtMs: null,
    statusReason: { code: 'noProgress' },
  });
  expect(goal.statusReason?.detail).toContain('ls');
  expect(goal.tokensUsed).toBeLessThan(100_000);
  // The model was told in time, so that it could have tried another way.
  expect(place.asked().map(steeringOf).join()).toContain('made no progress');

  // A person who resumes gets three turns again, not a loop and not a dead goal.
  const asked = place.asked().length;
  await world.ws.request(requests.threadGoalResume, { threadId: place.threadId });
  expect(await place.stopped()).toMatchObject({ status: 'blocked', turnsUsed: 6 });
  expect(place.asked().length).toBeGreaterThan(asked);
});

it('4. Objective lost at compaction: the newest objective stands whole, once, in every request before and after', async () => {
  const OLD = 'Write the files, and keep OLD-WORDS in mind.';
  const NEW = 'Write ten files f1 to f10, in THESE-VERY-WORDS, and never touch a.txt.';
  const seen: ScriptedRequest[] = [];
  let step = 0;
  let edit: () => Promise<unknown> = () => Promise.resolve();
  await using setup = await goalSetup({
    config: { ...QUICK, model: { contextWindow: 12_000, maxOutputTokens: 1000 } },
    script: async (request) => {
      seen.push(request);
      if (request.steering?.includes('handover') === true) return says('Some files are there.');
      step += 1;
      if (step === 2) await edit();
      return step > 10
        ? CLAIM
        : runs(`echo > f${String(step)}.txt; seq ${String(step)}0000 ${String(step)}0900`);
    },
  });
  edit = () => setup.setGoal({ objective: NEW });
  await setup.setGoal({ objective: OLD });
  expect(await setup.stopped()).toMatchObject({ status: 'complete', objective: NEW });
  const compactions = await eventsOf(setup.client, setup.threadId, 'compaction.done');
  expect(compactions.length).toBeGreaterThanOrEqual(1);
  const work = seen.filter(({ steering }) => steering?.includes('handover') !== true);
  for (const { steering } of work.slice(2)) {
    expect(steering?.split(NEW)).toHaveLength(2);
    expect(steering).not.toContain('OLD-WORDS');
  }
});

it('6. Premature completion: the model’s word is no completion; goald runs the checks itself, each time; only exit 0 completes, and a check the goal has changed is named', async () => {
  const files = { 'a.txt': 'one\n', 'check.sh': 'grep -x two *.txt\n' };
  const verification = [{ name: 'two', command: 'sh check.sh' }];
  const goal = { objective: 'There is a text that says two.', verification };
  const honest = byProgress(CLAIM, says('Believe me.'), CLAIM, runs('echo two > b.txt'), CLAIM);
  const place = await world.place(honest, { files });
  await place.setGoal(goal);
  expect(await place.stopped()).toMatchObject({
    status: 'complete',
    verified: true,
    changedChecks: [],
  });
  const report = await goalCommand({ home: world.home, cwd: place.repository }, 'report');
  expect(report.out).toMatch(/passed .*exit 0,(.*\n)+.*failed .*exit 1,(.*\n)+.*failed .*exit 1,/);

  // Whoever insists without mending anything is stopped, and never believed.
  const stubborn = await world.place(() => CLAIM, { files });
  await stubborn.setGoal(goal);
  expect(await stubborn.stopped()).toMatchObject({ status: 'blocked', verified: false });
  expect(stubborn.asked().length).toBeLessThanOrEqual(18);

  // Whoever bends the check until it passes is found out.
  const cheat = await world.place(byProgress(runs('echo true > check.sh'), CLAIM), { files });
  await cheat.setGoal(goal);
  expect(await cheat.stopped()).toMatchObject({ changedChecks: ['check.sh'] });
  const said = await goalCommand({ home: world.home, cwd: cheat.repository }, 'report');
  expect(said.out).toContain('checks changed by this goal: check.sh');

  // And gets nowhere where the user has closed that path.
  const bends = runs('echo true > check.sh');
  const closed = await world.place(({ progress }) => (progress === 0 ? bends : CLAIM), { files });
  const constraints = { paths: { allow: [], deny: ['check.sh'] }, notes: [] };
  await closed.setGoal({ ...goal, constraints });
  expect(await closed.stopped()).toMatchObject({ status: 'blocked', verified: false });
  expect(await readFile(join(closed.repository, 'check.sh'), 'utf8')).toBe(files['check.sh']);
});

const COMMIT = 'git -c user.name=a -c user.email=a@example.invalid commit --all --message=done';

it('11. Blocked by a hook 2,514 times: a commit hook that refuses in the same words again and again stops the goal within 18 requests', async () => {
  const place = await world.place(() => runs(COMMIT));
  const hook = '#!/bin/sh\necho "COMMIT REFUSED: sign the agreement first" >&2\nexit 1\n';
  await writeFile(join(place.repository, '.git/hooks/pre-commit'), hook, { mode: 0o755 });
  await writeFile(join(place.repository, 'a.txt'), 'two\n');
  // In a sandbox git's own files are not to be written, hook or not.
  await place.setGoal({ objective: 'Commit the change.', sandbox: 'danger-full-access' });
  const goal = await place.stopped();
  expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'noProgress' } });
  expect(goal.statusReason?.detail).toContain('commit --all --message=done → exit 1 (6 times)');
  expect(place.asked().length).toBeLessThanOrEqual(18);
  // What the hook said can be read afterwards.
  const { threadId } = place;
  const read = await world.ws.request(requests.threadRead, { threadId, includeTurns: true });
  expect(JSON.stringify(read.thread.turns)).toContain('sign the agreement first');
});

it('12. Questions loop: a question is asked once and costs nothing until a person answers it from the command line', async () => {
  const place = await world.place(byProgress(ASK, ASK, CLAIM));
  await place.setGoal({ objective: 'Open the door.' });
  expect(await place.stopped()).toMatchObject({
    status: 'blocked',
    nextActionAtMs: null,
    statusReason: { code: 'blocker', detail: 'Where is the key?' },
  });
  const where = { home: world.home, cwd: place.repository };
  // A goal that works all the while shows that the daemon is not just asleep.
  const other = await world.place(byProgress(runs('echo > b'), says('So far.'), CLAIM));
  await other.setGoal({ objective: 'Go on.' });
  expect((await other.stopped()).status).toBe('complete');
  expect(place.asked()).toHaveLength(1);

  const listed = jsonLines(await goalCommand(where, 'blockers', '--json'));
  expect(listed).toMatchObject([{ question: 'Where is the key?', resolved: false }]);
  expect(await goalCommand(where, 'answer', 'Under the mat.')).toMatchObject({ code: 0, err: '' });
  // Asked once more it is not put to the person again: the model gets the answer it was given.
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(userTexts(place.asked()[1])).toEqual([expect.stringContaining('Under the mat.')]);
  expect(await eventsOf(world.ws, place.threadId, 'blocker.raised')).toHaveLength(1);
});
