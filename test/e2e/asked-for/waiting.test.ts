import { expect, it } from 'vitest';
import { goalSetup } from '../../helpers/goal-setup.js';
import type { Script } from '../../helpers/model-server/index.js';
import { CLAIM, endsTold, steps, waits } from '../../helpers/waiting.js';
import { HOUR_MS, LimitedGoal } from '../faults/support/limited-goal.js';

it('2. No way to wait without tokens: while a goal waits no request is made and no token charged, and it goes on by itself', async () => {
  let told: readonly string[] = [];
  await using setup = await goalSetup({
    script: steps(waits({ seconds: 1.5 }), (request) => {
      told = endsTold(request);
      return CLAIM;
    }),
  });
  await setup.setGoal({ objective: 'Wait for the build.' });
  const goal = await setup.stopped();
  expect(goal.status).toBe('complete');
  // One request that asked to wait, one that was told how the wait ended: none in between.
  expect(setup.model.requests).toHaveLength(2);
  expect(told).toHaveLength(1);
  const [asked, answered] = setup.model.requests;
  expect((answered?.atMs ?? 0) - (asked?.atMs ?? 0)).toBeGreaterThanOrEqual(1500);
  expect(goal.turnsUsed).toBe(2);
});

it('3. No resume after a quota reset: the goal goes on by itself after the time the provider gave, also when the daemon was down at that time', async () => {
  const usedUp = { type: 'usage_limit_reached', message: 'Used up.', resets_in_seconds: 3600 };
  const script: Script = (request) =>
    request.index === 0
      ? { fault: { kind: 'status', status: 429, body: { error: usedUp } } }
      : CLAIM;
  await using goal = await LimitedGoal.start(script);
  const limited = await goal.until('usageLimited');
  expect(limited.nextActionAtMs).not.toBeNull();
  await goal.later(2 * HOUR_MS);
  expect(await goal.until('complete')).toMatchObject({ status: 'complete' });
  expect(goal.model.requests).toHaveLength(2);
});
