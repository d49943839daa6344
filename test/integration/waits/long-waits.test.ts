import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { calls, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, endsTold, eventsOf, results, steps, waits } from '../../helpers/waiting.js';
import { clockedGoal } from './clocked-goal.js';

const HOUR_MS = 3_600_000;

describe('a machine that sleeps', () => {
  it('uses none of the time of a turn that was under way', async () => {
    const command = 'touch started; until [ -e awake ]; do sleep 0.02; done';
    await using at = await clockedGoal({
      script: steps(calls(toolCall('shell', { command })), CLAIM),
    });
    const { client, threadId, clock, repository } = at;
    const set = { threadId, objective: 'Go on tomorrow.', timeBudgetSeconds: 600 };
    await client.request(requests.threadGoalSet, set);
    await eventually('the command runs', () => existsSync(join(repository, 'started')));
    clock.advance(60_000);
    clock.sleep(9 * HOUR_MS);
    clock.advance(60_000);
    await writeFile(join(repository, 'awake'), '');
    expect(await at.stopped()).toMatchObject({ status: 'complete', timeUsedSeconds: 120 });
  });

  it('leaves the time budget as it is: the turn is stopped when so much was worked', async () => {
    const command = 'touch started; until [ -e awake ]; do sleep 0.02; done';
    await using at = await clockedGoal({
      script: steps(calls(toolCall('shell', { command })), CLAIM),
    });
    const { client, threadId, clock, repository } = at;
    const set = { threadId, objective: 'Go on tomorrow.', timeBudgetSeconds: 600 };
    await client.request(requests.threadGoalSet, set);
    await eventually('the command runs', () => existsSync(join(repository, 'started')));
    clock.sleep(9 * HOUR_MS);
    clock.advance(600_000);
    expect(await at.stopped()).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'timeBudget' },
      timeUsedSeconds: 600,
    });
  });
});

describe('a long wait', () => {
  it('costs no request and no time, however long it lasts', async () => {
    await using at = await clockedGoal({ script: steps(waits({ seconds: 86_400 }), CLAIM) });
    const { client, threadId } = at;
    const set = { threadId, objective: 'Wait.', timeBudgetSeconds: 60 };
    await client.request(requests.threadGoalSet, set);
    const goal = await at.waiting();
    expect(goal.nextActionAtMs).toBe(at.clock.now() + 24 * HOUR_MS);
    at.clock.advance(24 * HOUR_MS - 1);
    expect((await at.waiting()).turnsUsed).toBe(1);
    expect(at.model.requests).toHaveLength(1);
    at.clock.advance(1);
    expect(await at.stopped()).toMatchObject({
      status: 'complete',
      turnsUsed: 2,
      timeUsedSeconds: 0,
    });
    expect(at.model.requests).toHaveLength(2);
    const { totals } = await client.request(requests.goalUsage, { threadId });
    expect(totals).toMatchObject({ waitMs: 24 * HOUR_MS, workMs: 0 });
  });

  it('until a moment with an offset ends at that moment', async () => {
    const untilMs = Math.ceil(Date.now() / 1000) * 1000 + 5 * HOUR_MS;
    const until = `${new Date(untilMs + 2 * HOUR_MS).toISOString().slice(0, 19)}+02:00`;
    await using at = await clockedGoal({ script: steps(waits({ until }), CLAIM) });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    expect((await at.waiting()).nextActionAtMs).toBe(untilMs);
  });

  it('for a file ends at the longest wait there is', async () => {
    let told: string[] = [];
    await using at = await clockedGoal({
      script: steps(waits({ path: 'a.txt' }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
      config: { engine: { maxWaitSeconds: 7200 } },
    });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    expect((await at.waiting()).waitingFor?.untilMs).toBeNull();
    at.clock.advance(2 * HOUR_MS);
    expect((await at.stopped()).status).toBe('complete');
    expect(told).toEqual(['The wait for a.txt to change reached its limit after 2 h.']);
  });

  it('may be repeated for as long as turns last: a job looked at each hour is no idling', async () => {
    await using at = await clockedGoal({
      script: (request) =>
        request.lastToolOutputs[0]?.includes('pending') === true
          ? waits({ seconds: 3600 })
          : calls(toolCall('shell', { command: 'echo pending' })),
    });
    const { threadId } = at;
    const set = { threadId, objective: 'Wait for the job.', maxTurns: 8 };
    await at.client.request(requests.threadGoalSet, set);
    for (let turn = 1; turn < 8; turn += 1) {
      expect((await at.waiting()).turnsUsed).toBe(turn);
      at.clock.advance(HOUR_MS);
      await at.turnsUsed(turn + 1);
    }
    expect(await at.stopped()).toMatchObject({
      status: 'budgetLimited',
      statusReason: { code: 'turnLimit' },
    });
    expect(at.model.requests).toHaveLength(16);
  });

  it('that is not long enough to be patient stops the goal when it is repeated', async () => {
    await using at = await clockedGoal({ script: () => waits({ seconds: 299 }) });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    for (let turn = 1; turn < 4; turn += 1) {
      expect((await at.waiting()).turnsUsed).toBe(turn);
      at.clock.advance(299_000);
      await at.turnsUsed(turn + 1);
    }
    expect((await at.stopped()).statusReason?.code).toBe('noProgress');
    expect(at.model.requests).toHaveLength(4);
  });
});

describe('a pause', () => {
  it('ends the wait for good; resumed, the goal goes on at once and the model knows', async () => {
    let told: string[] = [];
    await using at = await clockedGoal({
      script: steps(waits({ seconds: 3600 }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
    });
    const { client, threadId } = at;
    await client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    await at.waiting();
    at.clock.advance(1000);
    const { goal } = await client.request(requests.threadGoalPause, { threadId });
    expect(goal).toMatchObject({ status: 'paused', waitingFor: null, nextActionAtMs: null });
    at.clock.advance(3 * HOUR_MS);
    expect((await at.goal()).status).toBe('paused');
    expect(at.model.requests).toHaveLength(1);
    await client.request(requests.threadGoalResume, { threadId });
    expect((await at.stopped()).status).toBe('complete');
    expect(told).toEqual(['The wait for 1 h ended after 1 s because the goal was stopped.']);
    expect(await results(at)).toEqual(['stopped']);
  });
});

describe('while the daemon is down', () => {
  it('a wait that is not over goes on after the start, with no request', async () => {
    await using at = await clockedGoal({ script: steps(waits({ seconds: 7200 }), CLAIM) });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    const before = await at.waiting();
    await at.restart(() => {
      at.clock.advance(HOUR_MS);
    });
    const after = await at.goal();
    expect(after).toMatchObject({ phase: 'waiting', turnsUsed: 1 });
    expect(after.waitingFor).toEqual(before.waitingFor);
    expect(after.nextActionAtMs).toBe(before.nextActionAtMs);
    expect(at.model.requests).toHaveLength(1);
    at.clock.advance(HOUR_MS);
    expect(await at.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(await results(at)).toEqual(['elapsed']);
  });

  it('a wait that becomes due is over with the start, once', async () => {
    let told: string[] = [];
    await using at = await clockedGoal({
      script: steps(waits({ seconds: 3600 }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
    });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    await at.waiting();
    await at.restart(() => {
      at.clock.advance(3 * HOUR_MS);
    });
    expect(await at.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    await at.restart();
    expect(at.model.requests).toHaveLength(2);
    expect(told).toEqual(['The wait is over: 3 h have passed.']);
    expect(await eventsOf(at, 'wait.started', 'wait.ended')).toHaveLength(2);
  });

  it('a change of the file is seen with the start', async () => {
    await using at = await clockedGoal({ script: steps(waits({ path: 'a.txt' }), CLAIM) });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    await at.waiting();
    await at.restart(() => writeFile(join(at.repository, 'a.txt'), 'changed'));
    expect((await at.stopped()).status).toBe('complete');
    expect(await results(at)).toEqual(['changed']);
  });

  it('restartPolicy pause ends the wait with the goal', async () => {
    await using at = await clockedGoal({
      script: steps(waits({ seconds: 60 }), CLAIM),
      config: { restartPolicy: 'pause' },
    });
    const { threadId } = at;
    await at.client.request(requests.threadGoalSet, { threadId, objective: 'Wait.' });
    await at.waiting();
    await at.restart();
    at.clock.advance(HOUR_MS);
    expect(await at.goal()).toMatchObject({ status: 'paused', waitingFor: null });
    expect(at.model.requests).toHaveLength(1);
    expect(await results(at)).toEqual(['stopped']);
  });
});
