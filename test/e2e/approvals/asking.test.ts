import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, serverRequests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { calls, sequence, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, input, runs } from '../api/support/scripts.js';
import { eventsOf, outputs, refused } from '../people/support/people.js';
import { askedToRun, attach, decisionOf } from './support/approvals.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({
    engine: { noProgressDelaysMs: [1, 1], retryBaseMs: 1, stopGraceMs: 300 },
    approvals: { graceSeconds: 0.2 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const objective = 'make b.txt';
const TOUCH = 'touch b.txt';
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

it('a command runs after a client accepted it, once, and the others hear that it was decided', async () => {
  await using one = await world.person('one');
  await using two = await world.person('two');
  const place = await world.place(sequence(runs('echo ran >> b.txt'), CLAIM));
  const { threadId, repository } = place;
  await attach(one, threadId);
  await attach(two, threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const asked = await askedToRun(one, threadId);
  const same = await askedToRun(two, threadId);
  expect(same.id).toBe(asked.id);
  expect(asked.params).toMatchObject({
    kind: 'command',
    command: 'echo ran >> b.txt',
    cwd: repository,
    availableDecisions: ['accept', 'acceptForSession', 'decline', 'cancel'],
  });
  const waits = await place.goal();
  expect(waits).toMatchObject({
    status: 'active',
    phase: 'waiting',
    pendingRequest: { requestId: asked.id, kind: 'command', what: 'echo ran >> b.txt' },
  });
  const { thread } = await one.request(requests.threadRead, { threadId });
  expect(thread.status).toEqual({ type: 'active', activeFlags: ['waitingOnApproval'] });
  expect(await exists(join(repository, 'b.txt'))).toBe(false);
  two.answer(asked.id, decisionOf('accept'));
  await one.until(notifications.serverRequestResolved);
  one.answer(asked.id, decisionOf('decline'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await readFile(join(repository, 'b.txt'), 'utf8')).toBe('ran\n');
  for (const client of [one, two]) {
    const resolved = await client.until(notifications.serverRequestResolved);
    expect(resolved).toMatchObject({ threadId, requestId: asked.id });
  }
  const [decided, ...more] = await eventsOf(one, threadId, 'approval.decided');
  expect(more).toEqual([]);
  expect(decided?.data).toMatchObject({
    decision: 'accept',
    origin: { kind: 'user', clientName: 'two' },
  });
  expect((await place.goal())?.pendingRequest).toBeUndefined();
});

it('item/started comes before the request that names the item', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id, params } = await askedToRun(one, place.threadId);
  const started = one.log.findIndex(
    ({ method, params: { item } }) =>
      method === notifications.itemStarted.method &&
      (item as { id?: string } | undefined)?.id === params.itemId,
  );
  const request = one.log.findIndex(
    ({ method }) => method === serverRequests.commandExecutionRequestApproval.method,
  );
  expect(started).toBeGreaterThanOrEqual(0);
  expect(started).toBeLessThan(request);
  one.answer(id, decisionOf('accept'));
  await place.stopped();
});

it('a declined command does not run, the agent reads why, and the goal goes on', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(one, place.threadId);
  await world.unix.request(requests.goalApprovalDecide, {
    approvalId: id,
    decision: 'decline',
    reason: 'Not that file.',
  });
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
  expect(outputs(place.asked()[1]).join('\n')).toMatch(/declined it[\s\S]*Not that file\./u);
});

it('cancel declines and pauses the goal', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(one, place.threadId);
  one.answer(id, decisionOf('cancel'));
  const goal = await place.stopped();
  expect(goal).toMatchObject({ status: 'paused', statusReason: { code: 'interrupt' } });
  expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
});

it('a change of files is asked for with the item that has it', async () => {
  await using one = await world.person();
  const patch = '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch';
  const place = await world.place(sequence(calls(toolCall('apply_patch', { patch })), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id, params } = await one.untilAsked(serverRequests.fileChangeRequestApproval);
  expect(params).toMatchObject({ threadId: place.threadId, grantRoot: null });
  const { data } = await one.request(requests.goalApprovalList, { threadId: place.threadId });
  expect(data).toMatchObject([{ approvalId: id, kind: 'fileChange', files: ['b.txt'] }]);
  expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
  one.answer(id, decisionOf('accept'));
  await place.stopped();
  expect(await readFile(join(place.repository, 'b.txt'), 'utf8')).toBe('new\n');
});

it('an error or an unreadable answer is none: the client that can ask decides', async () => {
  await using cannot = await world.person('cannot');
  await using odd = await world.person('odd');
  await using can = await world.person('can');
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  for (const client of [cannot, odd, can]) await attach(client, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(can, place.threadId);
  cannot.fail(id);
  odd.answer(id, { decision: 'perhaps' });
  await cannot.request(requests.threadRead, { threadId: place.threadId });
  await odd.request(requests.threadRead, { threadId: place.threadId });
  const { data } = await can.request(requests.goalApprovalList, { threadId: place.threadId });
  expect(data).toMatchObject([{ decision: 'pending' }]);
  can.answer(id, decisionOf('accept'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
});

it('a client that did not declare it is neither asked nor heard', async () => {
  await using one = await world.person();
  await using plain = await world.another();
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await attach(one, place.threadId);
  await attach(plain, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(one, place.threadId);
  plain.answer(id, decisionOf('accept'));
  await plain.request(requests.threadRead, { threadId: place.threadId });
  expect(plain.asked).toEqual([]);
  const { data } = await one.request(requests.goalApprovalList, { threadId: place.threadId });
  expect(data).toMatchObject([{ decision: 'pending' }]);
  one.answer(id, decisionOf('accept'));
  await place.stopped();
});

it('with nobody to ask the goal is paused, and what is accepted later runs first in the next turn', async () => {
  const place = await world.place(sequence(runs('echo ran >> b.txt'), CLAIM));
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const paused = await place.stopped();
  expect(paused).toMatchObject({
    status: 'paused',
    statusReason: { code: 'needsInput', message: 'Waits for approval: echo ran >> b.txt' },
  });
  expect(paused.pendingRequest).toMatchObject({ kind: 'command' });
  expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
  const approvalId = paused.pendingRequest?.requestId ?? '';
  const { approval } = await world.unix.request(requests.goalApprovalDecide, {
    approvalId,
    decision: 'accept',
  });
  expect(approval).toMatchObject({ decision: 'accept', command: 'echo ran >> b.txt' });
  expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
  expect(await readFile(join(place.repository, 'b.txt'), 'utf8')).toBe('ran\n');
  const [first, second] = outputs(place.asked()[1]);
  expect(first).toMatch(/a person has to approve it/u);
  expect(second).toMatch(/^exit code 0/u);
  const again = world.unix.request(requests.goalApprovalDecide, { approvalId, decision: 'accept' });
  expect(await refused(again)).toMatchObject({
    code: 'approval_not_found',
    approval: { decision: 'accept' },
  });
});

it.each([
  ['a resume without an answer', { status: 'active' }],
  ['another objective', { status: 'active', objective: 'make another' }],
] as const)(
  '%s withdraws what a paused goal asked, and the agent is told',
  async (_what, params) => {
    const place = await world.place(sequence(runs(TOUCH), CLAIM));
    await place.setGoal({ objective, approvalPolicy: 'untrusted' });
    const approvalId = (await place.stopped()).pendingRequest?.requestId ?? '';
    await place.setGoal(params);
    const goal = await place.stopped();
    expect(goal).toMatchObject({ status: 'complete' });
    expect(goal.pendingRequest).toBeUndefined();
    expect(outputs(place.asked()[1]).at(-1)).toMatch(/not asked any more/u);
    const late = world.unix.request(requests.goalApprovalDecide, {
      approvalId,
      decision: 'accept',
    });
    expect(await refused(late)).toMatchObject({ approval: { decision: 'withdrawn' } });
    expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
  },
);

it('what was accepted does not begin when the user pauses the goal before it did', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(one, place.threadId);
  // In one write, so that the daemon hears of both before it acts.
  await Promise.all([
    one.request(requests.goalApprovalDecide, { approvalId: id, decision: 'accept' }),
    one.request(requests.threadGoalPause, { threadId: place.threadId }),
  ]);
  await one.until(notifications.turnCompleted, ({ threadId }) => threadId === place.threadId);
  const ran = await exists(join(place.repository, 'b.txt'));
  await place.setGoal({ status: 'active' });
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
  // Either it ran before the pause or never.
  expect(await exists(join(place.repository, 'b.txt'))).toBe(ran);
});

it('a client that comes later is asked what is still open', async () => {
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const paused = await place.stopped();
  await using late = await world.person('late');
  await attach(late, place.threadId);
  const { id } = await askedToRun(late, place.threadId);
  expect(id).toBe(paused.pendingRequest?.requestId);
  late.answer(id, decisionOf('accept'));
  expect(await place.stopped()).toMatchObject({ status: 'complete' });
});

it('when everyone who could answer leaves, the goal is paused after the grace, and a reconnect within it is not punished', async () => {
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  const first = await world.person('first');
  await attach(first, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(first, place.threadId);
  await using second = await world.person('second');
  await attach(second, place.threadId);
  await first[Symbol.asyncDispose]();
  expect((await askedToRun(second, place.threadId)).id).toBe(id);
  expect(await place.goal()).toMatchObject({ status: 'active' });
  await second.request(requests.threadUnsubscribe, { threadId: place.threadId });
  expect(await place.stopped()).toMatchObject({
    status: 'paused',
    statusReason: { code: 'needsInput' },
    pendingRequest: { requestId: id },
  });
});

it.each([
  ['a pause', (threadId: string) => world.unix.request(requests.threadGoalPause, { threadId })],
  ['a clear', (threadId: string) => world.unix.request(requests.threadGoalClear, { threadId })],
  [
    'an edit',
    (threadId: string) =>
      world.unix.request(requests.threadGoalSet, { threadId, objective: 'another' }),
  ],
  [
    'an interrupt',
    async (threadId: string) => {
      const { data } = await world.unix.request(requests.threadTurnsList, { threadId });
      return world.unix.request(requests.turnInterrupt, { threadId, turnId: data[0]?.id ?? '' });
    },
  ],
])('%s withdraws what was asked', async (_what, act) => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), CLAIM, CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const { id } = await askedToRun(one, place.threadId);
  await act(place.threadId);
  await one.until(notifications.serverRequestResolved, ({ requestId }) => requestId === id);
  one.answer(id, decisionOf('accept'));
  const { data } = await one.request(requests.goalApprovalList, {
    threadId: place.threadId,
    all: true,
  });
  expect(data).toMatchObject([{ approvalId: id, decision: 'withdrawn' }]);
  await one.until(
    notifications.turnCompleted,
    ({ threadId, turn }) => threadId === place.threadId && turn.status !== 'inProgress',
  );
  expect(await exists(join(place.repository, 'b.txt'))).toBe(false);
});

it('the policy of thread and turn counts where the goal has none, and thread/start answers it', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs(TOUCH), { text: 'done' }));
  const { approvalPolicy } = await one.request(requests.threadResume, {
    threadId: place.threadId,
    approvalPolicy: 'untrusted',
  });
  expect(approvalPolicy).toBe('untrusted');
  await one.request(requests.turnStart, { threadId: place.threadId, input: input('touch it') });
  const { id } = await askedToRun(one, place.threadId);
  one.answer(id, decisionOf('accept'));
  await one.until(notifications.turnCompleted);
  expect(await exists(join(place.repository, 'b.txt'))).toBe(true);
});

it('a thread without a goal: the turn ends, and the answer begins one that runs what was accepted', async () => {
  await using watcher = await world.another();
  const place = await world.place(sequence(runs('echo ran >> b.txt'), { text: 'done' }));
  await attach(watcher, place.threadId);
  await watcher.request(requests.turnStart, {
    threadId: place.threadId,
    input: input('make it'),
    approvalPolicy: 'untrusted',
  });
  await watcher.until(notifications.turnCompleted);
  const { data } = await watcher.request(requests.goalApprovalList, { threadId: place.threadId });
  expect(data).toMatchObject([{ decision: 'pending', goalId: null }]);
  await watcher.request(requests.goalApprovalDecide, {
    approvalId: data[0]?.approvalId ?? '',
    decision: 'accept',
  });
  await eventually(
    'a second turn',
    () => watcher.all(notifications.turnCompleted).length === 2 || null,
  );
  expect(await readFile(join(place.repository, 'b.txt'), 'utf8')).toBe('ran\n');
  expect(place.asked()).toHaveLength(2);
});

it('a user who goes on without deciding withdraws what a turn without a goal asked', async () => {
  await using watcher = await world.another();
  const place = await world.place(sequence(runs(TOUCH), { text: 'fine' }));
  await attach(watcher, place.threadId);
  await watcher.request(requests.turnStart, {
    threadId: place.threadId,
    input: input('make it'),
    approvalPolicy: 'untrusted',
  });
  await watcher.until(notifications.turnCompleted);
  await watcher.request(requests.turnStart, {
    threadId: place.threadId,
    input: input('never mind'),
  });
  await eventually(
    'a second turn',
    () => watcher.all(notifications.turnCompleted).length === 2 || null,
  );
  const { data } = await watcher.request(requests.goalApprovalList, {
    threadId: place.threadId,
    all: true,
  });
  expect(data).toMatchObject([{ decision: 'withdrawn' }]);
  expect(outputs(place.asked()[1]).at(-1)).toMatch(/not asked any more/u);
});

it('an automatic origin may not decide', async () => {
  const place = await world.place(sequence(runs(TOUCH), CLAIM));
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const approvalId = (await place.stopped()).pendingRequest?.requestId ?? '';
  const answer = world.ws.request(requests.goalApprovalDecide, {
    approvalId,
    decision: 'accept',
    origin: 'automatic',
  });
  expect(await refused(answer)).toMatchObject({ code: 'policy_refused' });
});
