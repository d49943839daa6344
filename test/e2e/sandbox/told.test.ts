import { requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, type RecordedRequest } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, Latch, runs } from '../api/support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const TITLE = '# What you may do';

/** The section of a request, and all that stands before it. */
function toldIn(request: RecordedRequest | undefined): { before: string; told: string } {
  const instructions = String(request?.body['instructions']);
  const [before, told, ...more] = instructions.split(TITLE);
  if (before === undefined || told === undefined || more.length > 0) {
    throw new Error(`The section stands there ${String(more.length)} times more than once.`);
  }
  return { before, told };
}

describe('every request tells the model', () => {
  it('its mode, network and whom it can ask, once, with the same bytes while they stay', async () => {
    const place = await world.place(byProgress(runs('echo 1 >> a.txt'), CLAIM));
    await place.setGoal({ objective: 'Grow.' });
    await place.stopped();
    const told = place.asked().map((request) => toldIn(request).told);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('Sandbox: workspace-write');
    expect(told[0]).toContain('No network');
    expect(told[0]).toContain('Nobody is asked');
    expect(told[1]).toBe(told[0]);
  });

  it('what a goal asks for itself, and what holds after a change in mid-turn, with nothing else changed', async () => {
    const latch = new Latch();
    const place = await world.place(
      byProgress(() => latch.thenReply(runs('echo 1 >> a.txt')), CLAIM),
    );
    const rights = {
      sandbox: 'read-only',
      networkAccess: true,
      approvalPolicy: 'untrusted',
    } as const;
    const { goalId } = await place.setGoal({ objective: 'Look.', ...rights });
    await eventually('the model is asked', () => place.asked().length === 1);
    const edited = await place.setGoal({
      ...{ sandbox: 'workspace-write', networkAccess: false, approvalPolicy: 'never' },
    });
    expect(edited.goalId).toBe(goalId);
    latch.open();
    await place.stopped();
    const [first, second] = place.asked().map(toldIn);
    expect(first?.told).toContain('Sandbox: read-only');
    expect(first?.told).toContain('Commands may use the network.');
    expect(first?.told).toContain('The user is asked before every change of files');
    expect(second?.told).toContain('Sandbox: workspace-write');
    expect(second?.told).toContain('No network');
    expect(second?.before).toBe(first?.before);
  });

  it('that of the thread, where the goal says nothing', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    await world.ws.request(requests.threadResume, { threadId, sandbox: 'danger-full-access' });
    await place.setGoal({ objective: 'Do it.' });
    await place.stopped();
    expect(toldIn(place.asked()[0]).told).toContain('No sandbox (danger-full-access)');
  });
});
