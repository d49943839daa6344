import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, WIRE_APIS } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { QUICK } from '../../helpers/goal-setup.js';
import { calls, says, toolCall } from '../../helpers/model-server/index.js';
import { readChatBody, readResponsesBody } from '../../helpers/model-server/read-request.js';
import { ApiWorld } from './support/api-world.js';
import { CLAIM, input, Latch, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const isTurn =
  (id: string) =>
  (params: { turn: { id: string } }): boolean =>
    params.turn.id === id;

describe('turn/steer', () => {
  it('is seen by the next request of the same turn', async () => {
    const latch = new Latch();
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1 ? latch.thenReply(runs('echo hi')) : says('Understood.');
    });
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Go') });
    await eventually('the model is asked', () => place.asked().length === 1);
    const steered = await world.unix.request(requests.turnSteer, {
      threadId,
      expectedTurnId: turn.id,
      input: input('Rather go left.'),
      clientUserMessageId: 'steer-1',
    });
    expect(steered).toEqual({ turnId: turn.id });
    latch.open();
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(place.asked()).toHaveLength(2);
    expect(JSON.stringify(place.asked()[0]?.body['input'])).not.toContain('go left');
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('Rather go left.');
    const item = world.ws
      .all(notifications.itemCompleted)
      .find(({ item: it }) => it.type === 'userMessage' && it.clientId === 'steer-1');
    expect(item?.turnId).toBe(turn.id);
  });

  it('refuses a turn that is not there and one that is over', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const steer = (expectedTurnId: string): Promise<unknown> =>
      world.ws.request(requests.turnSteer, { threadId, expectedTurnId, input: input('Left!') });
    await expect(steer('nonsense')).rejects.toMatchObject({ data: { code: 'turn_not_found' } });
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Go') });
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    await expect(steer(turn.id)).rejects.toMatchObject({ data: { code: 'turn_not_steerable' } });
    const other = await world.place(() => says('Yes.'));
    await expect(
      world.ws.request(requests.turnSteer, {
        threadId: other.threadId,
        expectedTurnId: turn.id,
        input: input('Left!'),
      }),
    ).rejects.toMatchObject({ data: { code: 'turn_not_found' } });
    expect(place.asked()).toHaveLength(1);
  });
});

describe('what a user says while the model speaks', () => {
  it('stands behind the whole response, which did not know of it', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      return n === 1
        ? {
            reasoning: 'Let me think about it for a while, in several pieces of text.',
            text: 'I will look at it now, says a text of several pieces.',
            ...runs('cat a.txt'),
            pieceDelayMs: 15,
          }
        : says('Understood.');
    });
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Go') });
    await world.ws.until(
      notifications.reasoningSummaryTextDelta,
      (params) => params.turnId === turn.id,
    );
    await world.unix.request(requests.turnSteer, {
      threadId,
      expectedTurnId: turn.id,
      input: input('Rather go left.'),
    });
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    const { input: seen } = readResponsesBody(place.asked()[1]?.body ?? {});
    expect(seen.map((item) => (item.type === 'message' ? item.role : item.type))).toEqual([
      'user',
      'reasoning',
      'assistant',
      'call',
      'output',
      'user',
    ]);
  });
});

describe('what a user says while a command runs', () => {
  it.each(WIRE_APIS)('stands after the command’s output for the model (%s)', async (wireApi) => {
    await using own = await ApiWorld.start({ ...QUICK, model: { wireApi } });
    let n = 0;
    const place = await own.place(() => {
      n += 1;
      return n === 1 ? runs('while [ ! -e go ]; do sleep 0.02; done') : says('Understood.');
    });
    const { threadId } = place;
    const { turn } = await own.ws.request(requests.turnStart, { threadId, input: input('Go') });
    await own.ws.until(notifications.itemStarted, ({ item }) => item.type === 'commandExecution');
    await own.unix.request(requests.turnSteer, {
      threadId,
      expectedTurnId: turn.id,
      input: input('Rather go left.'),
    });
    await writeFile(join(place.repository, 'go'), '');
    await own.ws.until(notifications.turnCompleted, isTurn(turn.id));
    const { body } = own.model.requests[1] ?? expect.unreachable();
    const read = wireApi === 'chat' ? readChatBody(body) : readResponsesBody(body);
    expect(read.input.map((item) => item.type)).toEqual(['message', 'call', 'output', 'message']);
  });
});

describe('turn/interrupt', () => {
  it('without a goal ends the turn and nothing else', async () => {
    const place = await world.place(() => ({ text: 'Too late.', delayMs: 60_000 }));
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input: input('Go') });
    await eventually('the model is asked', () => place.asked().length === 1);
    expect(await world.unix.request(requests.turnInterrupt, { threadId, turnId: turn.id })).toEqual(
      {},
    );
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(ended.turn).toMatchObject({ status: 'interrupted', error: null });
    expect(await place.goal()).toBeNull();
    await eventually('the stream is aborted', () => place.asked()[0]?.state === 'abandoned');
    // A second one is no error, and a turn nobody knows is.
    await world.unix.request(requests.turnInterrupt, { threadId, turnId: turn.id });
    await expect(
      world.unix.request(requests.turnInterrupt, { threadId, turnId: 'nonsense' }),
    ).rejects.toMatchObject({ data: { code: 'turn_not_found' } });
    place.setScript(() => says('Again.'));
    const next = await world.ws.request(requests.turnStart, { threadId, input: input('Again') });
    await world.ws.until(notifications.turnCompleted, isTurn(next.turn.id));
    expect(next.turn.id).not.toBe(turn.id);
  });

  it('pauses the goal whose turn it was', async () => {
    const place = await world.place(() => ({ fault: { kind: 'hang' } }));
    const { threadId } = place;
    await place.setGoal({ objective: 'Hang.' });
    const { turn } = await world.ws.until(
      notifications.turnStarted,
      (params) => params.threadId === threadId,
    );
    await eventually('the model is asked', () => place.asked().length === 1);
    await world.ws.request(requests.turnInterrupt, { threadId, turnId: turn.id });
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    expect(ended.turn.status).toBe('interrupted');
    expect(await place.goal()).toMatchObject({
      status: 'paused',
      statusReason: { code: 'interrupt' },
    });
    expect(place.asked()).toHaveLength(1);
  });
});

describe('what a user says right after a stop', () => {
  it.each(['turn/interrupt', 'pause'])('by %s is answered in a turn of its own', async (how) => {
    const place = await world.place(() =>
      runs("trap '' TERM; touch deaf; while :; do sleep 0.1; done"),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Be deaf.' });
    const { turn } = await world.ws.until(
      notifications.turnStarted,
      (params) => params.threadId === threadId,
    );
    await eventually('it is deaf', () => existsSync(join(place.repository, 'deaf')));
    place.setScript(() => says('It is stopped.'));
    if (how === 'pause') await world.ws.request(requests.threadGoalPause, { threadId });
    else await world.ws.request(requests.turnInterrupt, { threadId, turnId: turn.id });
    const next = await world.ws.request(requests.turnStart, { threadId, input: input('Why?') });
    expect(next.turn.id).not.toBe(turn.id);
    const ended = await world.ws.until(notifications.turnCompleted, isTurn(next.turn.id));
    expect(ended.turn.status).toBe('completed');
    expect(await place.goal()).toMatchObject({ status: 'paused' });
  });
});

describe('a user who speaks', () => {
  it('while a goal is active is heard in the goal’s own turn, and the goal goes on', async () => {
    const latch = new Latch();
    const place = await world.place(async (request) => {
      if (!JSON.stringify(request.input).includes('How far'))
        return latch.thenReply(runs('echo 1 >> a.txt'));
      return request.lastToolOutputs.length > 0 && request.input.at(-1)?.type === 'message'
        ? { text: 'Half way.', toolCalls: CLAIM.toolCalls ?? [] }
        : CLAIM;
    });
    const { threadId } = place;
    const goal = await place.setGoal({ objective: 'Count.' });
    await eventually('the model is asked', () => place.asked().length === 1);
    const { turn } = await world.unix.request(requests.turnStart, {
      threadId,
      input: input('How far are you?'),
    });
    latch.open();
    const ended = await place.stopped();
    expect(ended).toMatchObject({ status: 'complete', goalId: goal.goalId, turnsUsed: 1 });
    const { thread } = await world.ws.request(requests.threadRead, {
      threadId,
      includeTurns: true,
    });
    expect(thread.turns.map(({ id }) => id)).toEqual([turn.id]);
    expect(thread.turns[0]?.items.map((item) => item.type)).toContain('userMessage');
  });

  it('on a paused goal gets an answer; the goal stays as it is, whatever the model tries', async () => {
    let n = 0;
    const place = await world.place(() => {
      n += 1;
      if (n === 1) return CLAIM;
      if (n === 2) {
        return calls(
          toolCall('set_goal', { progress: { summary: 'sneaked in', percent: 90 } }),
          toolCall('set_goal', { status: 'blocked', blocker: { summary: 'stuck' } }),
          toolCall('set_goal', { status: 'active' }),
        );
      }
      return says('It is paused.');
    });
    const { threadId } = place;
    const before = await place.setGoal({ objective: 'Later.', status: 'paused' });
    expect(before.status).toBe('paused');
    expect(place.asked()).toEqual([]);
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId,
      input: input('What is the goal?'),
    });
    await world.ws.until(notifications.turnCompleted, isTurn(turn.id));
    const after = await place.goal();
    expect(after).toMatchObject({
      goalId: before.goalId,
      status: 'paused',
      progress: null,
      revision: before.revision,
      statusReason: before.statusReason,
    });
    expect(place.asked()).toHaveLength(3);
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toMatch(/paused/);
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report.blockers).toEqual([]);
    // Its tokens are the user's question, not the goal's work.
    expect(after?.turnsUsed).toBe(0);
  });
});
