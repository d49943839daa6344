import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serverRequests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calls, sequence, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { outputs } from '../people/support/people.js';
import { askedToRun, attach, decisionOf } from './support/approvals.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({ approvals: { graceSeconds: 0.2, ask: ['mkdir'] } });
});
afterAll(() => world[Symbol.asyncDispose]());
const objective = 'do it';
// What stands in .git could run as the user, later.
const KEPT = '.git/note.txt';
const there = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

it('on-request in a sandbox runs commands unasked, and asks for those on the ask-list', async () => {
  const place = await world.place(sequence(runs('touch b.txt'), runs('mkdir new'), CLAIM));
  await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'workspace-write' });
  expect((await place.stopped()).pendingRequest).toMatchObject({ what: 'mkdir new' });
  expect(await there(join(place.repository, 'b.txt'))).toBe(true);
  expect(await there(join(place.repository, 'new'))).toBe(false);
});

it('a command that the sandbox stopped runs again without it when a person lets it', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(`echo x > ${KEPT}`), CLAIM));
  const kept = join(place.repository, KEPT);
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'workspace-write' });
  const { id, params } = await askedToRun(one, place.threadId);
  expect(params.reason).toMatch(/sandbox/u);
  expect(params.availableDecisions).toEqual(['accept', 'decline', 'cancel']);
  expect(await there(kept)).toBe(false);
  one.answer(id, decisionOf('accept'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await readFile(kept, 'utf8')).toBe('x\n');
  expect(outputs(place.asked()[1])[0]).toMatch(/let it run again without[\s\S]*exit code 0/u);
});

it('declined, it stays stopped, and the agent is told', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(`echo x > ${KEPT}`), CLAIM));
  const kept = join(place.repository, KEPT);
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'workspace-write' });
  const { id } = await askedToRun(one, place.threadId);
  one.answer(id, decisionOf('decline'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await there(kept)).toBe(false);
  expect(outputs(place.asked()[1])[0]).toMatch(/declined/u);
});

it('with nobody to ask, or under never, it just fails', async () => {
  for (const approvalPolicy of ['on-request', 'never'] as const) {
    const place = await world.place(sequence(runs(`echo x > ${KEPT}`), CLAIM));
    const kept = join(place.repository, KEPT);
    await place.setGoal({ objective, approvalPolicy, sandbox: 'workspace-write' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(await there(kept)).toBe(false);
  }
});

it('a change of files in a read-only sandbox is asked for, and made when accepted', async () => {
  await using one = await world.person();
  const patch = '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch';
  const place = await world.place(sequence(calls(toolCall('apply_patch', { patch })), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'read-only' });
  const { id } = await one.untilAsked(serverRequests.fileChangeRequestApproval);
  expect(await there(join(place.repository, 'b.txt'))).toBe(false);
  one.answer(id, decisionOf('accept'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await readFile(join(place.repository, 'b.txt'), 'utf8')).toBe('new\n');
});
