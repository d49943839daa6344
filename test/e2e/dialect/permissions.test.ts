import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, input } from '../api/support/scripts.js';
import { refused } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(QUICK);
});
afterAll(() => world[Symbol.asyncDispose]());

const FREE = ':danger-full-access' as const;

describe('permission profiles', () => {
  it('are sandboxes by name; those that this machine cannot enforce are not allowed', async () => {
    const { data, nextCursor } = await world.ws.request(requests.permissionProfileList, {});
    expect(data.map(({ id }) => id)).toEqual([':read-only', ':workspace', FREE]);
    expect(data.at(-1)).toEqual({ id: FREE, description: null, allowed: true });
    expect(nextCursor).toBeNull();
    const { threadId } = await world.place(() => CLAIM);
    for (const { id: permissions, allowed } of data) {
      const update = world.ws.request(requests.threadSettingsUpdate, { threadId, permissions });
      expect((await refused(update))?.['code']).toBe(allowed ? undefined : 'sandbox_unavailable');
    }
  });

  it('are what a thread, and a turn, can be given, and clients are told which', async () => {
    const { threadId, repository } = await world.place(() => CLAIM);
    const started = await world.ws.request(requests.threadStart, {
      cwd: repository,
      permissions: FREE,
    });
    const active = { id: FREE, extends: null };
    expect(started).toMatchObject({
      activePermissionProfile: active,
      sandbox: { type: 'dangerFullAccess' },
    });
    const turn = { threadId, input: input('Hello.'), permissions: FREE };
    await world.ws.request(requests.turnStart, turn);
    const told = await world.ws.until(
      notifications.threadSettingsUpdated,
      (news) => news.threadId === threadId,
    );
    expect(told.threadSettings.activePermissionProfile).toEqual(active);
    const sandboxPolicy = { type: 'dangerFullAccess' as const };
    await world.ws.request(requests.threadSettingsUpdate, { threadId, sandboxPolicy });
    const resumed = await world.ws.request(requests.threadResume, { threadId });
    expect(resumed.activePermissionProfile).toBeNull();
  });

  it('are no others, and nothing that an automatic origin may change', async () => {
    const { threadId } = await world.place(() => CLAIM);
    const unknown = { threadId, permissions: ':mine' as typeof FREE };
    expect(await refused(world.ws.request(requests.threadSettingsUpdate, unknown))).toMatchObject({
      code: 'invalid_params',
    });
    const turn = { threadId, input: input('Go.'), permissions: FREE, origin: 'automatic' as const };
    expect(await refused(world.ws.request(requests.turnStart, turn))).toMatchObject({
      code: 'policy_refused',
    });
  });
});

describe('who joins a thread', () => {
  it('is told of its goal at once, after the answer', async () => {
    const { threadId } = await world.place(() => CLAIM);
    await world.ws.request(requests.threadGoalSet, {
      threadId,
      objective: 'Do it later.',
      status: 'paused',
    });
    await using other = await world.another();
    await other.request(requests.threadResume, { threadId });
    const told = await other.until(
      notifications.threadGoalUpdated,
      (news) => news.threadId === threadId,
    );
    expect(told).toMatchObject({
      turnId: null,
      goal: { objective: 'Do it later.', status: 'paused' },
    });
  });
});
