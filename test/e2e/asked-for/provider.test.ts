import { notifications, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import type { Fault } from '../../helpers/model-server/index.js';
import { CLAIM } from '../api/support/scripts.js';
import { eventsOf } from '../people/support/people.js';

it('5. A transient error blocks the goal: busy, overloaded, cut off or unreachable, the goal stays active, shows when it tries again, and completes by itself', async () => {
  const faults: Fault[] = [
    { kind: 'status', status: 503, body: 'busy' },
    { kind: 'status', status: 429, body: 'slow down', headers: { 'retry-after': '0' } },
    { kind: 'refuse' },
    { kind: 'cut', afterBytes: 300 },
    { kind: 'streamError', error: { code: 'server_error', message: 'Something broke here.' } },
  ];
  const left = [...faults];
  await using setup = await goalSetup({
    script: () => {
      const fault = left.shift();
      return fault === undefined ? CLAIM : { ...CLAIM, fault };
    },
  });
  await setup.setGoal({ objective: 'Go on.' });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  expect(setup.model.requests).toHaveLength(faults.length + 1);
  const seen = setup.client.all(notifications.threadGoalUpdated).map(({ goal }) => goal);
  expect(seen.filter(({ status }) => status !== 'active').map(({ status }) => status)).toEqual(
    seen.slice(seen.findIndex(({ status }) => status === 'complete')).map(() => 'complete'),
  );
  expect(
    seen.some(({ phase, nextActionAtMs }) => phase === 'waiting' && nextActionAtMs !== null),
  ).toBe(true);
  const retries = await eventsOf(setup.client, setup.threadId, 'retry.scheduled');
  expect(retries).toHaveLength(faults.length);
});

it('5. A transient error blocks the goal: also while it waits for its next try for an hour it is paused at once, and a resume tries again at once', async () => {
  let isBusy = true;
  await using setup = await goalSetup({
    script: () =>
      isBusy
        ? {
            fault: {
              kind: 'status',
              status: 503,
              body: 'busy',
              headers: { 'retry-after': '3600' },
            },
          }
        : CLAIM,
    config: { ...QUICK, engine: { ...QUICK.engine, retryMaxMs: 3_600_000 } },
  });
  const { threadId } = setup;
  await setup.setGoal({ objective: 'Go on.' });
  const read = async () => (await setup.client.request(requests.threadGoalGet, { threadId })).goal;
  const waiting = await eventually('it waits', async () => {
    const goal = await read();
    return goal?.phase === 'waiting' ? goal : null;
  });
  expect(waiting.nextActionAtMs).toBeGreaterThan(Date.now() + 3_000_000);
  await setup.client.request(requests.threadGoalPause, { threadId });
  expect(await read()).toMatchObject({ status: 'paused', phase: null, nextActionAtMs: null });
  isBusy = false;
  await setup.client.request(requests.threadGoalResume, { threadId });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  expect(setup.model.requests).toHaveLength(2);
});
