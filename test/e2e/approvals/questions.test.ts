import { notifications, requests, serverRequests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sequence } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { ASK, outputs, userTexts } from '../people/support/people.js';
import { attach } from './support/approvals.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({
    engine: { noProgressDelaysMs: [1, 1], stopGraceMs: 300 },
    approvals: { graceSeconds: 0.2 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const { toolRequestUserInput } = serverRequests;

it('a question is asked of a client that can answer, and the same turn goes on with the answer', async () => {
  await using one = await world.person('one');
  await using two = await world.person('two');
  const place = await world.place(sequence(ASK, runs('touch b.txt'), CLAIM));
  for (const client of [one, two]) await attach(client, place.threadId);
  await place.setGoal({ objective: 'use the key' });
  const { id, params } = await one.untilAsked(toolRequestUserInput);
  expect(params).toMatchObject({
    threadId: place.threadId,
    isBlocking: true,
    questions: [{ id, question: 'Where is the key?', isOther: true }],
  });
  expect(await place.goal()).toMatchObject({
    status: 'active',
    phase: 'waiting',
    pendingRequest: { requestId: id, kind: 'question', what: 'Where is the key?' },
  });
  const { thread } = await one.request(requests.threadRead, { threadId: place.threadId });
  expect(thread.status).toEqual({ type: 'active', activeFlags: ['waitingOnUserInput'] });
  two.answer(id, { answers: { [id]: { answers: ['Under the mat.'] } } });
  await one.until(notifications.serverRequestResolved, ({ requestId }) => requestId === id);
  one.answer(id, { answers: { [id]: { answers: ['Somewhere else.'] } } });
  const goal = await place.stopped();
  expect(goal).toMatchObject({ status: 'complete', turnsUsed: 1 });
  expect(goal.pendingRequest).toBeUndefined();
  const second = place.asked()[1];
  expect(outputs(second)[0]).toMatch(/The user has answered/u);
  expect(userTexts(second).join('\n')).toContain('Under the mat.');
  expect(userTexts(second).join('\n')).not.toContain('Somewhere else.');
});

it('goal/blocker/resolve answers it as well', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(ASK, runs('touch b.txt'), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective: 'use the key' });
  const { id } = await one.untilAsked(toolRequestUserInput);
  await world.unix.request(requests.goalBlockerResolve, {
    threadId: place.threadId,
    blockerId: id,
    answer: 'In the drawer.',
  });
  expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
  expect(userTexts(place.asked()[1]).join('\n')).toContain('In the drawer.');
});

it('when all who could answer cannot or leave, the goal stops with its question, which a later client is asked', async () => {
  const place = await world.place(sequence(ASK, runs('touch b.txt'), CLAIM));
  await using one = await world.person('one');
  await attach(one, place.threadId);
  await place.setGoal({ objective: 'use the key' });
  const { id } = await one.untilAsked(toolRequestUserInput);
  one.fail(id);
  expect(await place.stopped()).toMatchObject({
    status: 'blocked',
    statusReason: { code: 'blocker', detail: 'Where is the key?' },
  });
  await using late = await world.person('late');
  await attach(late, place.threadId);
  const again = await late.untilAsked(toolRequestUserInput);
  expect(again.id).toBe(id);
  late.answer(id, { answers: { [id]: { answers: ['Here.'] } } });
  expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
});

it('an answer without words is none', async () => {
  const place = await world.place(sequence(ASK, runs('touch b.txt'), CLAIM));
  await using empty = await world.person('empty');
  await using one = await world.person('one');
  await attach(empty, place.threadId);
  await attach(one, place.threadId);
  await place.setGoal({ objective: 'use the key' });
  const { id } = await one.untilAsked(toolRequestUserInput);
  empty.answer(id, { answers: { [id]: { answers: ['  '] } } });
  await empty.request(requests.threadRead, { threadId: place.threadId });
  expect(await place.goal()).toMatchObject({ status: 'active', phase: 'waiting' });
  one.answer(id, { answers: { [id]: { answers: ['Here.'] } } });
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
});

it('a pause while it waits withdraws the request', async () => {
  const place = await world.place(sequence(ASK, CLAIM));
  await using one = await world.person();
  await attach(one, place.threadId);
  await place.setGoal({ objective: 'use the key' });
  const { id } = await one.untilAsked(toolRequestUserInput);
  await one.request(requests.threadGoalPause, { threadId: place.threadId });
  await one.until(notifications.serverRequestResolved, ({ requestId }) => requestId === id);
  const goal = await place.goal();
  expect(goal).toMatchObject({ status: 'paused', statusReason: { code: 'user' } });
  expect(goal?.pendingRequest).toBeUndefined();
});
