import { notifications, requests, type ReadState } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { calls, says, sequence, toolCall } from '../../helpers/model-server/index.js';
import type { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { eventually } from '../../helpers/eventually.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { input } from '../api/support/scripts.js';
import { refused } from '../people/support/people.js';

// What a person has read of their threads, told by any of their clients.

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(QUICK);
});
afterAll(() => world[Symbol.asyncDispose]());

async function turn(
  { threadId }: { readonly threadId: string },
  client = world.ws,
): Promise<string> {
  const started = await client.request(requests.turnStart, { threadId, input: input('Hello') });
  await client.until(notifications.turnCompleted, (params) => params.turn.id === started.turn.id);
  return started.turn.id;
}

async function stateOf(threadId: string, client = world.ws): Promise<ReadState | null> {
  return (await client.request(requests.threadRead, { threadId })).readState;
}

async function mark(
  client: RpcClient,
  threadId: string,
  type: 'read' | 'unread',
): Promise<ReadState> {
  const expectedRevision = (await stateOf(threadId))?.revision ?? '';
  const asked = { threadId, operation: { type }, expectedRevision };
  return (await client.request(requests.threadReadStateUpdate, asked)).readState;
}

const told = (client: RpcClient, { threadId }: Place): ReadState[] =>
  client
    .all(notifications.threadReadStateChanged)
    .filter((params) => params.threadId === threadId)
    .map(({ readState }) => readState);

describe('what is read of a thread', () => {
  it('is nothing before its first turn', async () => {
    const { threadId } = await world.place(() => says('Hi.'));
    expect(await stateOf(threadId)).toBeNull();
    const { data, readStates } = await world.ws.request(requests.threadList, {});
    expect(data.map(({ id }) => id)).toContain(threadId);
    expect(readStates[threadId]).toBeUndefined();
    const asked = { threadId, operation: { type: 'read' as const }, expectedRevision: 'x' };
    const answer = world.ws.request(requests.threadReadStateUpdate, asked);
    expect(await refused(answer)).toMatchObject({ code: 'invalid_request' });
  });

  it('ends before the first turn with a message that nobody has read, until someone has', async () => {
    const place = await world.place(() => says('Hi.'));
    const { threadId } = place;
    await using other = await world.another();
    await using stranger = await world.another();
    await other.request(requests.threadResume, { threadId });
    const first = await turn(place);
    await turn(place);
    const unread = await stateOf(threadId);
    expect(unread?.firstUnread).toEqual({ type: 'turn', turnId: first });
    const { readStates } = await stranger.request(requests.threadList, {});
    expect(readStates[threadId]).toEqual(unread);

    const read = await mark(other, threadId, 'read');
    expect(read.firstUnread).toBeNull();
    expect(await stateOf(threadId, stranger)).toEqual(read);
    await eventually('both clients of the thread hear it', () =>
      [world.ws, other].every((client) => told(client, place).length === 3),
    );
    expect(told(other, place).map(({ firstUnread }) => firstUnread)).toEqual([
      { type: 'turn', turnId: first },
      { type: 'turn', turnId: first },
      null,
    ]);
    expect(told(other, place)).toEqual(told(world.ws, place));
    expect(new Set(told(other, place).map(({ revision }) => revision)).size).toBe(3);
    expect(told(stranger, place)).toEqual([]);

    const third = await turn(place);
    expect((await stateOf(threadId))?.firstUnread).toEqual({ type: 'turn', turnId: third });
  });

  it('can be put back to its start, and turns leave it there', async () => {
    const place = await world.place(() => says('Hi.'));
    const { threadId } = place;
    await turn(place);
    const back = await mark(world.ws, threadId, 'unread');
    expect(back.firstUnread).toEqual({ type: 'threadStart' });
    await turn(place);
    const state = await stateOf(threadId);
    expect(state?.firstUnread).toEqual({ type: 'threadStart' });
    expect(state?.revision).not.toBe(back.revision);
  });

  it('changes only for those who saw it as it is', async () => {
    const place = await world.place(() => says('Hi.'));
    const { threadId } = place;
    await turn(place);
    const seen = await stateOf(threadId);
    await turn(place);
    const asked = {
      threadId,
      operation: { type: 'read' as const },
      expectedRevision: seen?.revision ?? '',
    };
    const answer = world.ws.request(requests.threadReadStateUpdate, asked);
    expect(await refused(answer)).toMatchObject({
      code: 'revision_conflict',
      reason: 'readStateConflict',
      readState: await stateOf(threadId),
    });
    const nobody = { ...asked, threadId: 'nobody' };
    const lost = world.ws.request(requests.threadReadStateUpdate, nobody);
    expect(await refused(lost)).toMatchObject({ code: 'thread_not_found' });
  });

  it('does not move with a turn that says nothing, and does with one that fails', async () => {
    const refusal = { kind: 'status', status: 400, body: { error: { message: 'no' } } } as const;
    const place = await world.place(
      sequence(calls(toolCall('get_goal', {})), says(''), { fault: refusal }),
    );
    const { threadId } = place;
    await world.ws.request(requests.threadShellCommand, { threadId, command: 'true' });
    await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    expect(await stateOf(threadId)).toMatchObject({ firstUnread: null });
    expect(told(world.ws, place)).toEqual([]);
    await turn(place);
    const failed = await turn(place);
    expect((await stateOf(threadId))?.firstUnread).toEqual({ type: 'turn', turnId: failed });
  });

  it('is all of it in a fork', async () => {
    const place = await world.place(() => says('Hi.'));
    await turn(place);
    const { thread } = await world.ws.request(requests.threadFork, { threadId: place.threadId });
    expect(await stateOf(thread.id)).toMatchObject({ firstUnread: null });
    expect(await mark(world.ws, thread.id, 'read')).toMatchObject({ firstUnread: null });
  });

  it('is known after a restart', async () => {
    await using setup = await goalSetup({ script: () => says('Hi.') });
    const { threadId } = setup;
    const first = await turn(setup, setup.client);
    const before = await stateOf(threadId, setup.client);
    expect(before?.firstUnread).toEqual({ type: 'turn', turnId: first });
    await setup.restart();
    expect(await stateOf(threadId, setup.client)).toEqual(before);
  });
});

describe('turn/completed', () => {
  it('carries the last message of a turn that said something', async () => {
    const place = await world.place(
      sequence({ text: 'First I look.', toolCalls: [toolCall('get_goal', {})] }, says('Done.')),
    );
    const id = await turn(place);
    const completed = await world.ws.until(
      notifications.turnCompleted,
      (params) => params.turn.id === id,
    );
    expect(completed.turn).toMatchObject({ itemsView: 'summary', status: 'completed' });
    expect(completed.turn.items).toHaveLength(1);
    expect(completed.turn.items[0]).toMatchObject({ type: 'agentMessage', text: 'Done.' });
  });

  it('carries nothing of one that failed or was interrupted', async () => {
    const refusal = { kind: 'status', status: 400, body: { error: { message: 'no' } } } as const;
    const place = await world.place(
      sequence({ fault: refusal }, { text: 'word '.repeat(500), pieceDelayMs: 50 }),
    );
    const { threadId } = place;
    const failed = await turn(place);
    const started = await world.ws.request(requests.turnStart, { threadId, input: input('Go') });
    const { id } = started.turn;
    await world.ws.until(notifications.agentMessageDelta, (params) => params.turnId === id);
    await world.ws.request(requests.turnInterrupt, { threadId, turnId: id });
    for (const turnId of [failed, id]) {
      const completed = await world.ws.until(
        notifications.turnCompleted,
        (params) => params.turn.id === turnId,
      );
      expect(completed.turn).toMatchObject({ itemsView: 'notLoaded', items: [] });
    }
  });
});
