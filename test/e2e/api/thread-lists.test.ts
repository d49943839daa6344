import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { says } from '../../helpers/model-server/index.js';
import type { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { ApiWorld } from './support/api-world.js';
import { chat, emptyFolder } from './support/chat.js';
import { input, Latch, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('thread/list', () => {
  it('pages in both directions within some folders, newest first by default', async () => {
    const one = await emptyFolder(world, 'list-1');
    const two = await emptyFolder(world, 'list-2');
    const ids: string[] = [];
    for (const cwd of [one, two, one, two, one]) {
      const { thread } = await world.ws.request(requests.threadStart, { cwd });
      ids.push(thread.id);
    }
    const list = (
      params: object,
    ): Promise<{
      data: { id: string }[];
      nextCursor: string | null;
      backwardsCursor: string | null;
    }> => world.unix.request(requests.threadList, { cwd: [one, two], ...params });
    const walk = async (params: object): Promise<string[]> => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await list({ limit: 2, cursor, ...params });
        seen.push(...page.data.map((thread) => thread.id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return seen;
    };
    expect(await walk({})).toEqual(ids.toReversed());
    expect(await walk({ sortDirection: 'asc' })).toEqual(ids);
    expect(await walk({ sortKey: 'updated_at', sortDirection: 'asc' })).toEqual(ids);
    expect(await walk({ cwd: two })).toEqual([ids[3], ids[1]]);

    // From the backwards cursor of the second page the first one can be had again.
    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, cursor: first.nextCursor });
    const back = await list({ sortDirection: 'asc', cursor: second.backwardsCursor });
    const backIds = back.data.map((thread) => thread.id).filter((id) => id !== ids[2]);
    expect(backIds).toEqual([ids[3], ids[4]]);
  });

  it('sorts by the last change', async () => {
    const cwd = await emptyFolder(world, 'sorted');
    const first = await world.ws.request(requests.threadStart, { cwd });
    const second = await world.ws.request(requests.threadStart, { cwd });
    await world.ws.request(requests.threadNameSet, { threadId: first.thread.id, name: 'Touched' });
    for (const sortKey of ['updated_at', 'recency_at'] as const) {
      const { data } = await world.ws.request(requests.threadList, { cwd, sortKey });
      expect(data.map((thread) => thread.id)).toEqual([first.thread.id, second.thread.id]);
    }
  });

  describe('searchTerm', () => {
    async function search(searchTerm: string): Promise<string[]> {
      const { data } = await world.unix.request(requests.threadList, { searchTerm });
      return data.map((thread) => thread.id);
    }
    async function named(name: string): Promise<string> {
      const { threadId } = await world.place(() => says('Yes.'));
      await world.ws.request(requests.threadNameSet, { threadId, name });
      return threadId;
    }

    it('finds names and first words in any case', async () => {
      const name = await named('Make Coffee');
      const said = await world.place(() => says('Yes.'));
      await chat(world.ws, said.threadId, 'Please FROBNICATE the widget');
      expect(await search('frobnicate')).toEqual([said.threadId]);
      expect(await search('mAKE cOF')).toEqual([name]);
    });

    it('is taken literally', async () => {
      const threadId = await named('100% of it_all \\ there');
      expect(await search('100% OF')).toEqual([threadId]);
      expect(await search('it_a')).toEqual([threadId]);
      expect(await search('all \\')).toEqual([threadId]);
      expect(await search('100%it')).toEqual([]);
      expect(await search('o_ it')).toEqual([]);
    });

    it('knows the case of letters beyond ASCII', async () => {
      const threadId = await named('Überprüfe Ängste');
      expect(await search('überPRÜFE ä')).toEqual([threadId]);
    });
  });
});

describe('thread/loaded/list and thread/unsubscribe', () => {
  it('list what someone looks at, and forget it when nobody does', async () => {
    await using other = await world.another();
    const { threadId } = await world.place(() => says('Yes.'), { client: other });
    const loaded = async (): Promise<readonly string[]> =>
      (await world.unix.request(requests.threadLoadedList, {})).data;
    const unsubscribe = async (client: RpcClient): Promise<string> =>
      (await client.request(requests.threadUnsubscribe, { threadId })).status;
    expect(await loaded()).toContain(threadId);
    expect(await unsubscribe(world.unix)).toBe('notSubscribed');
    expect(await unsubscribe(other)).toBe('unsubscribed');
    expect(await unsubscribe(other)).toBe('notLoaded');
    expect(await loaded()).not.toContain(threadId);
  });

  it('an unsubscribed client hears no more of the turns', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(says('Yes.')));
    const { threadId } = place;
    await world.unix.request(requests.threadResume, { threadId });
    await world.unix.request(requests.threadUnsubscribe, { threadId });
    const turn = world.ws.request(requests.turnStart, { threadId, input: input('Hello.') });
    await eventually('the model is asked', () => place.asked().length > 0);
    expect((await world.unix.request(requests.threadLoadedList, {})).data).toContain(threadId);
    latch.open();
    const { id } = (await turn).turn;
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === id);
    // The status goes to every client; the turn does not.
    await world.unix.until(
      notifications.threadStatusChanged,
      (params) => params.threadId === threadId && params.status.type === 'idle',
    );
    expect(
      world.unix.all(notifications.turnStarted).filter((params) => params.threadId === threadId),
    ).toEqual([]);
  });

  it('pages the loaded threads', async () => {
    const all = (await world.ws.request(requests.threadLoadedList, {})).data;
    expect(all.length).toBeGreaterThan(2);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { data: string[]; nextCursor: string | null } = await world.ws.request(
        requests.threadLoadedList,
        { limit: 2, cursor },
      );
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(all.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('thread/name/set', () => {
  it('names the thread and tells everyone', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    await world.ws.request(requests.threadNameSet, { threadId, name: '  My thread ' });
    const told = await world.unix.until(
      notifications.threadNameUpdated,
      (params) => params.threadId === threadId,
    );
    expect(told.threadName).toBe('My thread');
    const { thread } = await world.unix.request(requests.threadRead, { threadId });
    expect(thread.name).toBe('My thread');
  });

  it('refuses a blank name', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    await expect(
      world.ws.request(requests.threadNameSet, { threadId, name: '   ' }),
    ).rejects.toMatchObject({ rpcCode: -32602, data: { code: 'invalid_params' } });
  });
});

describe('thread/archive and thread/unarchive', () => {
  it('pause the goal and stop its turn, and put the thread where only archived ones are', async () => {
    const place = await world.place(() => runs('sleep 100'));
    const { threadId, repository } = place;
    await world.unix.request(requests.threadResume, { threadId });
    await place.setGoal({ objective: 'Sleep.' });
    await world.ws.until(
      notifications.itemStarted,
      (params) => params.threadId === threadId && params.item.type === 'commandExecution',
    );
    await world.ws.request(requests.threadArchive, { threadId });
    expect(await place.goal()).toMatchObject({ status: 'paused', phase: null });
    const completed = await world.unix.until(
      notifications.turnCompleted,
      (params) => params.threadId === threadId,
    );
    expect(completed.turn.status).toBe('interrupted');
    await world.unix.until(notifications.threadArchived, (params) => params.threadId === threadId);
    const listed = async (archived?: boolean): Promise<string[]> =>
      (await world.ws.request(requests.threadList, { cwd: repository, archived })).data.map(
        (thread) => thread.id,
      );
    expect(await listed()).toEqual([]);
    expect(await listed(true)).toEqual([threadId]);
    expect(place.asked()).toHaveLength(1);

    const { thread } = await world.ws.request(requests.threadUnarchive, { threadId });
    expect(thread.id).toBe(threadId);
    await world.unix.until(
      notifications.threadUnarchived,
      (params) => params.threadId === threadId,
    );
    expect(await listed()).toEqual([threadId]);
    expect(await place.goal()).toMatchObject({ status: 'paused' });
    expect(place.asked()).toHaveLength(1);
  });

  it('close the thread: it is no longer loaded, and whoever looked at it is told', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    await world.ws.request(requests.threadArchive, { threadId });
    await world.unix.until(notifications.threadArchived, (params) => params.threadId === threadId);
    await world.ws.until(
      notifications.threadClosed,
      (params) => params.threadId === threadId,
      2000,
    );
    const { data } = await world.ws.request(requests.threadLoadedList, {});
    expect(data).not.toContain(threadId);
  });

  it('give an archived thread no turn, neither by a user nor by a goal', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    await place.setGoal({ objective: 'Later.', status: 'paused' });
    await world.ws.request(requests.threadArchive, { threadId });
    await expect(
      world.ws.request(requests.turnStart, { threadId, input: input('Hello.') }),
    ).rejects.toMatchObject({ rpcCode: -32600 });
    const resumed = world.ws.request(requests.threadGoalResume, { threadId });
    await expect(resumed).rejects.toMatchObject({ rpcCode: -32600 });
    expect(place.asked()).toEqual([]);
  });
});

describe('thread/delete', () => {
  it('stops the turn, clears the goal and keeps the events', async () => {
    const place = await world.place(() => runs('sleep 100'));
    const { threadId, repository } = place;
    const { goalId } = await place.setGoal({ objective: 'Sleep.' });
    await world.ws.until(
      notifications.itemStarted,
      (params) => params.threadId === threadId && params.item.type === 'commandExecution',
    );
    await world.ws.request(requests.threadDelete, { threadId });
    await world.unix.until(notifications.threadDeleted, (params) => params.threadId === threadId);
    await world.unix.until(
      notifications.threadGoalCleared,
      (params) => params.threadId === threadId,
    );
    await expect(world.ws.request(requests.threadRead, { threadId })).rejects.toMatchObject({
      data: { code: 'thread_not_found' },
    });
    const lists = await world.ws.request(requests.threadList, { cwd: repository });
    const archived = await world.ws.request(requests.threadList, {
      cwd: repository,
      archived: true,
    });
    expect([...lists.data, ...archived.data]).toEqual([]);
    const { data } = await world.ws.request(requests.goalEventsList, { threadId, limit: 5000 });
    const types = data.map((event) => event.type);
    expect(types).toEqual(expect.arrayContaining(['goal.created', 'turn.started', 'goal.cleared']));
    expect(types.at(-1)).toBe('turn.completed');
    expect(data.every((event) => event.goalId === goalId)).toBe(true);
    expect((await world.ws.request(requests.threadLoadedList, {})).data).not.toContain(threadId);
    expect((await world.ws.request(requests.goalList, { cwd: repository })).data).toEqual([]);
  });

  it('answers a repeat with the same idempotencyKey as it answered the first time', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    const deletion = { threadId, idempotencyKey: 'delete-once' };
    expect(await world.ws.request(requests.threadDelete, deletion)).toEqual({});
    expect(await world.ws.request(requests.threadDelete, deletion)).toEqual({});
  });
});
