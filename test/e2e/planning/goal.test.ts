import { notifications, requests } from '@goald/protocol';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { calls, says, toolCall, type Script } from '../../helpers/model-server/index.js';
import { eventually } from '../../helpers/eventually.js';
import { CLAIM, Latch } from '../api/support/scripts.js';
import { eventsOf, outputs } from '../people/support/people.js';
import { mode, say, setMode } from './support.js';

// A goal rests while plans are made in its thread.

let setup: GoalSetup;
afterEach(() => setup[Symbol.asyncDispose]());

const goalPhase = async (): Promise<string | null> => {
  const { goal } = await setup.client.request(requests.threadGoalGet, setup);
  return goal?.phase ?? null;
};
const untilPhase = (phase: string): Promise<unknown> =>
  eventually(`the goal is ${phase}`, async () => (await goalPhase()) === phase);

/** Plans in turns that plan, and claims that the goal is met in others. */
const PLANS: Script = ({ steering, lastToolOutputs }) => {
  if (steering?.startsWith('Plan mode') !== true) return CLAIM;
  if (lastToolOutputs.length > 0) return says('<proposed_plan>\n- wait\n</proposed_plan>');
  return calls(
    toolCall('get_goal', {}),
    toolCall('set_goal', {
      status: 'complete',
      evidence: [{ criterion: 'c', proof: 'p' }],
    }),
  );
};

it('costs nothing and is not moved by what is planned; it goes on with the mode Default', async () => {
  setup = await goalSetup({ script: PLANS, config: { ...QUICK, model: { name: 'the-model' } } });
  await setMode(setup, 'plan');
  await setup.setGoal({ objective: 'Look around.', verification: [] });
  await untilPhase('planning');
  expect(setup.model.requests).toHaveLength(0);
  await say(setup, 'What would you do?');
  const { goal } = await setup.client.request(requests.threadGoalGet, setup);
  expect(goal).toMatchObject({ status: 'active', phase: 'planning', tokensUsed: 0, turnsUsed: 0 });
  const [read, proposed] = outputs(setup.model.requests[1]);
  expect(read).toContain('Look around.');
  expect(proposed).toContain('Not run: this is a planning turn');
  expect(await eventsOf(setup.client, setup.threadId, 'verification.started')).toEqual([]);
  expect(setup.model.requests).toHaveLength(2);
  await setMode(setup, 'default');
  expect(await setup.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
});

it('is worked on at once by a turn that brings the mode Default along', async () => {
  setup = await goalSetup({ script: PLANS, config: { ...QUICK, model: { name: 'the-model' } } });
  await setMode(setup, 'plan');
  await setup.setGoal({ objective: 'Look around.', verification: [] });
  await untilPhase('planning');
  const turnId = await say(setup, 'Implement the plan.', mode('default'));
  const goal = await setup.stopped();
  expect(goal).toMatchObject({ status: 'complete', turnsUsed: 1 });
  const moved = await eventsOf(setup.client, setup.threadId, 'goal.statusChanged');
  expect(moved.at(-1)?.turnId).toBe(turnId);
});

it('rests on over a restart, in the mode its thread was in', async () => {
  setup = await goalSetup({ script: PLANS, config: { ...QUICK, model: { name: 'the-model' } } });
  await setMode(setup, 'plan');
  await setup.setGoal({ objective: 'Look around.', verification: [] });
  await untilPhase('planning');
  await setup.restart();
  const { threadId } = setup;
  const resumed = await setup.client.request(requests.threadResume, { threadId });
  expect(resumed.collaborationMode.mode).toBe('plan');
  await untilPhase('planning');
  expect(setup.model.requests).toHaveLength(0);
  await setMode(setup, 'default');
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
});

it('finishes the turn in flight when the mode changes, and rests after it', async () => {
  const latch = new Latch();
  const works: Script = async ({ index }) =>
    index === 0
      ? latch.thenReply(calls(toolCall('shell', { command: 'touch made.txt' })))
      : says('So far.');
  setup = await goalSetup({ script: works, config: { ...QUICK, model: { name: 'the-model' } } });
  await setup.setGoal({ objective: 'Make it.', verification: [] });
  await setup.client.until(notifications.turnStarted);
  await setMode(setup, 'plan');
  expect(await goalPhase()).toBe('acting');
  latch.open();
  await untilPhase('planning');
  expect(existsSync(join(setup.repository, 'made.txt'))).toBe(true);
  expect(setup.model.requests).toHaveLength(2);
});
