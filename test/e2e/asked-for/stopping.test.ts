import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalCommand } from '../../helpers/goal-command.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { isAlive } from '../../integration/workspace/process-probe.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, input, Latch, runs } from '../api/support/scripts.js';
import { eventsOf, refused } from '../people/support/people.js';

it('7. "Stop" not honoured: goal pause ends the command that runs, and neither a restart, an automatic client nor a chat sets the goal going again', async () => {
  await using setup = await goalSetup({
    script: () => runs("trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done"),
  });
  const { threadId, home, repository } = setup;
  // In a sandbox processes have numbers of their own.
  await setup.setGoal({ objective: 'Run for ever.', sandbox: 'danger-full-access' });
  const file = join(repository, 'pid');
  const pid = await eventually('the command runs', async () =>
    existsSync(file) ? Number(await readFile(file, 'utf8')) : null,
  );
  const paused = await goalCommand({ home, cwd: repository }, 'pause');
  expect(paused).toMatchObject({ code: 0, err: '' });
  expect(paused.out).toContain('paused');
  await setup.client.until(notifications.turnCompleted);
  expect(isAlive(pid)).toBe(false);

  await setup.restart();
  setup.model.setScript(() => says('You are welcome.'));
  const automatic = { threadId, status: 'active', origin: 'automatic' } as const;
  expect(await refused(setup.client.request(requests.threadGoalSet, automatic))).toMatchObject({
    code: 'policy_refused',
  });
  await setup.client.request(requests.threadResume, { threadId });
  const chat = { threadId, input: input('Thank you.') };
  const { turn } = await setup.client.request(requests.turnStart, chat);
  await setup.client.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
  const { goal } = await setup.client.request(requests.threadGoalGet, { threadId });
  expect(goal).toMatchObject({
    status: 'paused',
    turnsUsed: 1,
    statusReason: { code: 'user' },
  });
  // The work, and the answer to the chat.
  expect(setup.model.requests).toHaveLength(2);
});

it('8. Paused goals still continue: paused at any moment, a goal begins no turn and asks the model nothing after the answer to the pause', async () => {
  await using world = await ApiWorld.start();
  const works = (place: () => Place) => {
    let n = 0;
    return ({ lastToolOutputs }: { lastToolOutputs: readonly string[] }) => {
      if (lastToolOutputs.length > 0) return says(`So far ${String(n)} in ${place().threadId}.`);
      n += 1;
      return runs(`echo ${String(n)} >> a.txt`);
    };
  };
  const paused: { place: Place; stop: GoalEvent | undefined }[] = [];
  // Each goal is paused one model request later than the one before: in answers, in commands and between turns.
  for (let moment = 1; moment <= 6; moment += 1) {
    const place: Place = await world.place(works(() => place));
    await place.setGoal({ objective: 'Count for ever.' });
    await eventually('it has come so far', () => place.asked().length >= moment);
    const { threadId } = place;
    const { goal } = await world.unix.request(requests.threadGoalPause, { threadId });
    expect(goal).toMatchObject({ status: 'paused', phase: null, nextActionAtMs: null });
    const [stop] = await eventsOf(world.ws, threadId, 'goal.statusChanged');
    paused.push({ place, stop });
  }
  // Others run from start to end meanwhile: there was time enough to go on.
  for (let n = 0; n < 2; n += 1) {
    const other = await world.place(byProgress(runs('echo > b'), says('So far.'), CLAIM));
    await other.setGoal({ objective: 'Do it.' });
    expect((await other.stopped()).status).toBe('complete');
  }
  for (const { place, stop } of paused) {
    const { threadId } = place;
    expect(await place.goal()).toMatchObject({ status: 'paused' });
    const started = await eventsOf(world.ws, threadId, 'turn.started');
    expect(started.length).toBeGreaterThan(0);
    expect(started.every(({ seq }) => seq < (stop?.seq ?? NaN))).toBe(true);
    const { data: rows } = await world.ws.request(requests.goalUsage, { threadId });
    expect(rows.every(({ startedAtMs }) => startedAtMs <= (stop?.atMs ?? NaN))).toBe(true);
    expect(place.asked().length).toBeLessThanOrEqual(rows.length);
  }

  // One that only waits for its place among others is paused as surely.
  const latch = new Latch();
  const busy: Place[] = [];
  for (let n = 0; n < 4; n += 1) busy.push(await world.place(() => latch.thenReply(CLAIM)));
  for (const place of busy) await place.setGoal({ objective: 'Take a place.' });
  await eventually('all places are taken', () => busy.every((place) => place.asked().length === 1));
  const queued = await world.place(() => CLAIM);
  expect(await queued.setGoal({ objective: 'Wait.' })).toMatchObject({ phase: 'queued' });
  await world.ws.request(requests.threadGoalPause, { threadId: queued.threadId });
  latch.open();
  for (const place of busy) expect((await place.stopped()).status).toBe('complete');
  expect(queued.asked()).toHaveLength(0);
});

it('10. Budget cannot be raised and resumed: goal resume --add-tokens does both in one step, and the goal goes on where it was', async () => {
  const cheap = { input: 1500, output: 100 };
  const dear = { input: 1500, output: 5000 };
  await using setup = await goalSetup({
    script: byProgress(
      { ...runs('echo 1 >> a.txt'), usage: cheap },
      // Its answer reaches the budget: what it wants is not done any more.
      { ...runs('echo 2 >> a.txt'), usage: dear },
      { ...runs('echo 2 >> a.txt'), usage: cheap },
      { ...CLAIM, usage: cheap },
    ),
  });
  const { threadId, home, repository } = setup;
  await setup.setGoal({ objective: 'Count to two.', tokenBudget: 8000 });
  const limited = await setup.stopped();
  expect(limited).toMatchObject({
    status: 'budgetLimited',
    statusReason: { code: 'tokenBudget' },
  });

  // Without more it is refused, with the way out.
  const where = { home, cwd: repository };
  const bare = await goalCommand(where, 'resume');
  expect(bare.code).toBe(1);
  expect(bare.err).toContain('--add-tokens');
  const asked = setup.model.requests.length;
  const resumed = await goalCommand(where, 'resume', '--add-tokens', '20k');
  expect(resumed).toMatchObject({ code: 0, err: '' });
  expect(await setup.stopped()).toMatchObject({
    goalId: limited.goalId,
    threadId,
    status: 'complete',
    tokenBudget: 28_000,
    tokensUsed: 8100 + 1600 + 1600,
  });
  expect(await readFile(join(repository, 'a.txt'), 'utf8')).toBe('one\n1\n2\n');
  expect(setup.model.requests.length).toBeGreaterThan(asked);
});
