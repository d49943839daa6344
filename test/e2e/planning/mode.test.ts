import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { says } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { input } from '../api/support/scripts.js';
import { mode, say, setMode, type Seen } from './support.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({ ...QUICK, model: { name: 'the-model' } });
});
afterAll(() => world[Symbol.asyncDispose]());

const seen = ({ threadId }: Place): Seen => ({ client: world.ws, threadId });

describe('the mode of a thread', () => {
  it('is one of two', async () => {
    const { data } = await world.ws.request(requests.collaborationModeList, {});
    expect(data.map(({ name, mode: kind }) => ({ name, kind }))).toEqual([
      { name: 'Plan', kind: 'plan' },
      { name: 'Default', kind: 'default' },
    ]);
  });

  it('is told to all clients of the thread when it changes, and only then', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    await using other = await world.another();
    await other.request(requests.threadResume, { threadId });
    await setMode(seen(place), 'plan');
    await setMode(seen(place), 'plan');
    const { threadSettings } = await other.until(
      notifications.threadSettingsUpdated,
      (params) => params.threadId === threadId,
    );
    expect(threadSettings.collaborationMode).toEqual(mode('plan'));
    expect(threadSettings.model).toBe('the-model');
    await say(seen(place), 'Plan on', mode('plan'));
    await say(seen(place), 'Work', mode('default'));
    await say(seen(place), 'Work on', mode('default'));
    const told = other
      .all(notifications.threadSettingsUpdated)
      .filter((params) => params.threadId === threadId)
      .map((params) => params.threadSettings.collaborationMode.mode);
    expect(told).toEqual(['plan', 'default']);
  });

  it('is told before the turn that brings it begins, with what else that changes', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId,
      input: input('Plan'),
      model: 'overruled',
      approvalPolicy: 'never',
      collaborationMode: mode('plan'),
    });
    await world.ws.until(notifications.turnStarted, (params) => params.turn.id === turn.id);
    const methods = world.ws.log
      .filter(({ params }) => params['threadId'] === threadId)
      .map(({ method }) => method);
    expect(methods.indexOf(notifications.threadSettingsUpdated.method)).toBeLessThan(
      methods.indexOf(notifications.turnStarted.method),
    );
    const told = await world.ws.until(
      notifications.threadSettingsUpdated,
      (params) => params.threadId === threadId,
    );
    expect(told.threadSettings).toMatchObject({ model: 'the-model', approvalPolicy: 'never' });
  });

  it('is what thread/resume answers, and Default for a fork', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    await say(seen(place), 'Plan', mode('plan', 'In rhymes.'));
    const resumed = await world.ws.request(requests.threadResume, { threadId });
    expect(resumed.collaborationMode).toEqual(mode('plan', 'In rhymes.'));
    const { thread } = await world.ws.request(requests.threadFork, { threadId });
    const fork = await world.ws.request(requests.threadResume, { threadId: thread.id });
    expect(fork.collaborationMode).toEqual(mode('default'));
  });
});
