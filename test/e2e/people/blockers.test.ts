import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, Latch } from '../api/support/scripts.js';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, says, type ScriptedReply } from '../../helpers/model-server/index.js';
import { ASK, eventsOf, outputs, refused, set, steeringOf, userTexts } from './support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A goal whose agent asked where the key is. */
async function askingPlace(...after: readonly ScriptedReply[]): Promise<Place> {
  const place = await world.place(byProgress(ASK, ...after));
  await place.setGoal({ objective: 'Open the door.' });
  expect(await place.stopped()).toMatchObject({ status: 'blocked' });
  return place;
}

const answered = (place: Place, answer: string) =>
  world.ws.request(requests.goalBlockerResolve, { threadId: place.threadId, answer });

describe('a question', () => {
  it('stops the goal: no request is made until someone answers', async () => {
    const place = await askingPlace();
    const { threadId } = place;
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    expect(await place.goal()).toMatchObject({
      status: 'blocked',
      nextActionAtMs: null,
      statusReason: { code: 'blocker', message: 'No key.', detail: 'Where is the key?' },
    });
    const { data } = await world.ws.request(requests.goalBlockerList, { threadId });
    expect(data).toMatchObject([
      { summary: 'No key.', question: 'Where is the key?', severity: 'blocking', resolved: false },
    ]);
    expect(place.asked()).toHaveLength(1);
    const raised = await eventsOf(world.ws, threadId, 'blocker.raised');
    expect(raised.map((event) => event.data)).toMatchObject([
      { blockerId: data[0]?.blockerId, origin: { kind: 'model' } },
    ]);
  });

  it('is answered: the goal goes on, and the agent reads the answer as what the user said, once', async () => {
    const place = await askingPlace(says('I see.'), CLAIM);
    const { threadId } = place;
    const { goal } = await answered(place, 'Under the mat.');
    expect(goal).toMatchObject({ status: 'active', statusReason: null });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    const [, second, third] = place.asked();
    for (const request of [second, third]) {
      expect(userTexts(request)).toEqual([
        'Answer to your question "Where is the key?":\nUnder the mat.',
      ]);
      expect(request?.rawBody.split('Under the mat.')).toHaveLength(2);
    }
    const { data } = await world.ws.request(requests.goalBlockerList, { threadId });
    expect(data).toMatchObject([{ resolved: true, answer: 'Under the mat.' }]);
    expect(data[0]?.resolvedAtMs).toBeGreaterThanOrEqual(data[0]?.raisedAtMs ?? Infinity);
  });

  it('that is answered leaves its origin in every event it causes', async () => {
    const place = await askingPlace(CLAIM);
    await world.unix.request(requests.goalBlockerResolve, {
      threadId: place.threadId,
      answer: 'Under the mat.',
    });
    await place.stopped();
    const caused = await eventsOf(
      world.ws,
      place.threadId,
      'blocker.resolved',
      'goal.statusChanged',
      'item.completed',
    );
    const by = { origin: { kind: 'user', clientName: 'on-unix' } };
    expect(caused.find(({ type }) => type === 'blocker.resolved')?.data).toMatchObject({
      ...by,
      resolution: 'answered',
      answer: 'Under the mat.',
    });
    expect(caused.find(({ data }) => data['to'] === 'active')?.data).toMatchObject(by);
    expect(caused.find(({ data }) => data['itemType'] === 'userMessage')?.data).toMatchObject(by);
  });

  it('asked again after its answer is told the answer, and is no progress', async () => {
    const place = await askingPlace();
    place.setScript(({ progress }) =>
      progress % 2 === 1
        ? set({ blocker: { summary: 'No key.', question: '"Where is the  key…"' } })
        : says('I wait for the key.'),
    );
    await answered(place, 'Under the mat.');
    const goal = await place.stopped();
    expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'noProgress' } });
    // The answer itself is progress; three turns after it are not.
    expect(goal.turnsUsed).toBe(5);
    const told = outputs(place.asked().at(-1)).slice(1);
    expect(told.length).toBeGreaterThan(2);
    for (const output of told) expect(output).toContain('Under the mat.');
    const raised = await eventsOf(world.ws, place.threadId, 'blocker.raised');
    expect(raised).toHaveLength(1);
  });

  it('asked by two clients at once has one answer, and the other is told which', async () => {
    const place = await askingPlace(CLAIM);
    const { threadId } = place;
    const answers = ['Under the mat.', 'In the lake.'];
    const clients = [world.ws, world.unix];
    const results = await Promise.all(
      clients.map((client, at) =>
        refused(
          client.request(requests.goalBlockerResolve, { threadId, answer: answers[at] ?? '' }),
        ),
      ),
    );
    const winner = results.indexOf(null);
    const loser = results[1 - winner];
    expect([winner, loser?.['code']]).toEqual([expect.any(Number), 'blocker_not_found']);
    await place.stopped();
    expect(userTexts(place.asked().at(-1))).toEqual([
      expect.stringContaining(answers[winner] ?? ''),
    ]);
    const resolved = await eventsOf(world.ws, threadId, 'blocker.resolved');
    expect(resolved.map(({ data }) => data['answer'])).toEqual([answers[winner]]);
    const [blocker] = (await world.ws.request(requests.goalBlockerList, { threadId })).data;
    const blockerId = blocker?.blockerId ?? '';
    const late = world.ws.request(requests.goalBlockerResolve, {
      threadId,
      blockerId,
      answer: 'Too late.',
    });
    expect(await refused(late)).toMatchObject({
      code: 'blocker_not_found',
      blocker: { blockerId, answer: answers[winner] },
    });
  });

  it('answered twice with the same key is answered once', async () => {
    const place = await askingPlace(CLAIM);
    const { threadId } = place;
    const params = { threadId, answer: 'Under the mat.', idempotencyKey: `${threadId}-answer` };
    const first = await world.ws.request(requests.goalBlockerResolve, params);
    const second = await world.unix.request(requests.goalBlockerResolve, params);
    expect(second).toEqual(first);
    await place.stopped();
    expect(userTexts(place.asked().at(-1))).toHaveLength(1);
    expect(await eventsOf(world.ws, threadId, 'blocker.resolved')).toHaveLength(1);
  });

  it('with status paused waits for a person as needsInput, and the answer sets it going', async () => {
    const place = await world.place(
      byProgress(
        set({ status: 'paused', blocker: { summary: 'Two ways.', question: 'Left or right?' } }),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Go home.' });
    expect(await place.stopped()).toMatchObject({
      status: 'paused',
      statusReason: { code: 'needsInput', message: 'Two ways.', detail: 'Left or right?' },
    });
    expect((await answered(place, 'Left.')).goal).toMatchObject({ status: 'active' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
  });

  it('of a goal that the user paused is answered without setting it going; the answer waits for the resume', async () => {
    const place = await askingPlace(CLAIM);
    const { threadId } = place;
    await world.ws.request(requests.threadGoalPause, { threadId });
    expect((await answered(place, 'Under the mat.')).goal).toMatchObject({ status: 'paused' });
    expect(place.asked()).toHaveLength(1);
    await world.ws.request(requests.threadGoalResume, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(userTexts(place.asked()[1])).toEqual([expect.stringContaining('Under the mat.')]);
  });

  it('left unanswered by a resume is resolved without an answer, the agent is told so, and may ask again', async () => {
    const place = await askingPlace(ASK);
    const { threadId } = place;
    await world.ws.request(requests.threadGoalResume, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'blocked', turnsUsed: 2 });
    expect(steeringOf(place.asked()[1])).toContain('without answering');
    expect(userTexts(place.asked()[1])).toEqual([]);
    const { data } = await world.ws.request(requests.goalBlockerList, { threadId });
    expect(data.map(({ resolved, answer }) => [resolved, answer])).toEqual([
      [true, null],
      [false, null],
    ]);
    const [resolved] = await eventsOf(world.ws, threadId, 'blocker.resolved');
    expect(resolved?.data).toMatchObject({
      resolution: 'resumed',
      answer: null,
      origin: { kind: 'user', clientName: 'on-ws' },
    });
  });

  it('of a finding does not stop the goal; its answer comes into the turn in flight', async () => {
    const latch = new Latch();
    const place = await world.place(
      byProgress(
        set({
          blocker: { summary: 'Two styles.', question: 'Tabs or blanks?', severity: 'finding' },
        }),
        () => latch.thenReply(says('I go on.')),
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Format.' });
    await eventually('the second request', () => place.asked().length === 2);
    expect((await answered(place, 'Blanks.')).goal).toMatchObject({ status: 'active' });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(userTexts(place.asked()[2])).toEqual([
      'Answer to your question "Tabs or blanks?":\nBlanks.',
    ]);
  });
});

describe('a blocker', () => {
  it('without a question is resolved without words', async () => {
    const place = await world.place(
      byProgress(set({ status: 'blocked', blocker: { summary: 'The disk is full.' } }), CLAIM),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Write.' });
    await place.stopped();
    await world.ws.request(requests.goalBlockerResolve, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(userTexts(place.asked()[1])).toEqual([
      'What blocked you is resolved, go on: "The disk is full.".',
    ]);
  });

  it('raised beside a completion is a contradiction: neither happens', async () => {
    const place = await world.place(
      byProgress(
        set({
          status: 'complete',
          evidence: [{ criterion: 'a', proof: 'b' }],
          blocker: { summary: 'Not quite.' },
        }),
        CLAIM,
      ),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(outputs(place.asked()[1])[0]).toContain('either complete or blocked');
    expect((await world.ws.request(requests.goalBlockerList, { threadId })).data).toEqual([]);
  });

  it('the same finding twice is recorded once', async () => {
    const finding = (summary: string) => set({ blocker: { summary, severity: 'finding' } });
    const place = await world.place(
      byProgress(finding('The docs are old.'), finding('the docs are  old'), CLAIM),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Look.' });
    await place.stopped();
    expect((await world.ws.request(requests.goalBlockerList, { threadId })).data).toHaveLength(1);
    expect(outputs(place.asked()[2])[1]).toContain('already');
  });
});

describe('what cannot be resolved', () => {
  it('answers a code and what to do, and changes nothing', async () => {
    const place = await askingPlace(CLAIM);
    const { threadId } = place;
    const { revision } = (await place.goal()) ?? {};
    const resolve = (params: object) =>
      refused(world.ws.request(requests.goalBlockerResolve, { threadId, answer: 'x', ...params }));
    expect(await resolve({ blockerId: 'nobody' })).toMatchObject({ code: 'blocker_not_found' });
    expect(await resolve({ threadId: 'nobody' })).toMatchObject({ code: 'thread_not_found' });
    expect(await resolve({ origin: 'automatic' })).toMatchObject({ code: 'policy_refused' });
    expect(await resolve({ answer: '  ' })).toMatchObject({ code: 'invalid_params' });
    expect(await resolve({ expectedRevision: (revision ?? 0) - 1 })).toMatchObject({
      code: 'revision_conflict',
      goal: { revision },
    });
    expect(await place.goal()).toMatchObject({ status: 'blocked', revision });
    expect(await eventsOf(world.ws, threadId, 'blocker.resolved')).toEqual([]);
    expect(await resolve({ expectedRevision: revision })).toBeNull();
    await place.stopped();
    expect(await resolve({})).toMatchObject({ code: 'blocker_not_found' });
  });

  it('a thread without a goal has neither blockers nor proposals', async () => {
    const { threadId } = await world.place(() => says('never'));
    for (const answer of [
      world.ws.request(requests.goalBlockerList, { threadId }),
      world.ws.request(requests.goalProposalList, { threadId }),
      world.ws.request(requests.goalBlockerResolve, { threadId }),
      world.ws.request(requests.goalProposalAccept, { threadId }),
      world.ws.request(requests.goalProposalDecline, { threadId }),
    ]) {
      expect(await refused(answer)).toMatchObject({ code: 'goal_not_found' });
    }
  });

  it('the blocker of another thread is none of this one’s', async () => {
    const [one, other] = [await askingPlace(), await askingPlace()];
    const { data } = await world.ws.request(requests.goalBlockerList, { threadId: one.threadId });
    const crossed = world.ws.request(requests.goalBlockerResolve, {
      threadId: other.threadId,
      blockerId: data[0]?.blockerId,
      answer: 'x',
    });
    expect(await refused(crossed)).toMatchObject({ code: 'blocker_not_found' });
    expect(await one.goal()).toMatchObject({ status: 'blocked' });
  });
});
