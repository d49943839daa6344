import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, serverRequests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { ASK, eventsOf, outputs } from '../people/support/people.js';
import { askedToRun, attach, decisionOf } from './support/approvals.js';

const APPEND = 'echo ran >> b.txt';
const goal = { objective: 'make b.txt', approvalPolicy: 'untrusted' } as const;

async function person(setup: GoalSetup): Promise<RpcClient> {
  const client = await RpcClient.connect(setup.daemon.wsUrl, await setup.daemon.token(), 'person', {
    requiredHumanApproval: true,
  });
  return attach(client, setup.threadId);
}

const ran = (setup: GoalSetup): Promise<string> =>
  readFile(join(setup.repository, 'b.txt'), 'utf8').catch(() => '');

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'what was asked before a %s waits for its answer after it, and runs then, once',
  async (signal) => {
    await using setup = await goalSetup({ script: byProgress(runs(APPEND), CLAIM) });
    await using one = await person(setup);
    await setup.setGoal(goal);
    const { id } = await askedToRun(one, setup.threadId);
    await setup.daemon.kill(signal);
    await setup.restart();
    const paused = await setup.stopped();
    expect(paused).toMatchObject({
      status: 'paused',
      statusReason: { code: 'needsInput' },
      pendingRequest: { requestId: id, kind: 'command', what: APPEND },
    });
    expect(await ran(setup)).toBe('');
    await using again = await person(setup);
    const asked = await askedToRun(again, setup.threadId);
    expect(asked.id).toBe(id);
    again.answer(id, decisionOf('accept'));
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    expect(await ran(setup)).toBe('ran\n');
    const told = outputs(setup.model.requests.at(-1));
    expect(told[0]).toMatch(/^Not run: the turn was stopped before it was decided/u);
    expect(told[1]).toMatch(/^exit code 0/u);
  },
);

it.each(['approval.deciding', 'approval.granted'])(
  'a daemon that dies at %s loses no request, and the command runs once, after its answer',
  async (dieAt) => {
    await using setup = await goalSetup({
      script: byProgress(runs(APPEND), CLAIM),
      daemon: { dieAt },
    });
    const died = setup.daemon.ended();
    const one = await person(setup);
    one.onAsked = ({ id }) => {
      one.answer(id, decisionOf('accept'));
    };
    await setup.setGoal(goal).catch(() => undefined);
    await died;
    await one[Symbol.asyncDispose]();
    await setup.restart();
    const { data } = await setup.client.request(requests.goalApprovalList, { all: true });
    expect(data).toHaveLength(1);
    if (data[0]?.decision === 'pending') {
      await setup.stopped();
      expect(await ran(setup)).toBe('');
      await setup.client.request(requests.goalApprovalDecide, {
        approvalId: data[0].approvalId,
        decision: 'accept',
      });
    }
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    expect(await ran(setup)).toBe('ran\n');
    const decided = await eventsOf(setup.client, setup.threadId, 'approval.decided');
    expect(decided).toHaveLength(1);
  },
);

it('a daemon that dies as the command begins does not begin it again', async () => {
  await using setup = await goalSetup({
    script: byProgress(runs(APPEND), runs('true'), CLAIM),
    daemon: { dieAt: 'approval.begun' },
  });
  const died = setup.daemon.ended();
  const one = await person(setup);
  one.onAsked = ({ id }) => {
    one.answer(id, decisionOf('accept'));
  };
  await setup.setGoal(goal).catch(() => undefined);
  await died;
  await one[Symbol.asyncDispose]();
  await setup.restart();
  await setup.client.request(requests.threadGoalSet, {
    threadId: setup.threadId,
    approvalPolicy: 'never',
  });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  expect(await ran(setup)).toBe('');
  const told = outputs(setup.model.requests.at(-1));
  expect(told[0]).toMatch(/^The daemon stopped while this ran/u);
});

it('a thread without a goal goes on after a restart with what was accepted', async () => {
  await using setup = await goalSetup({
    script: byProgress(runs(APPEND), { text: 'done' }),
    config: QUICK,
    daemon: { dieAt: 'approval.decided' },
  });
  const died = setup.daemon.ended();
  const one = await person(setup);
  one.onAsked = ({ id }) => {
    one.answer(id, decisionOf('accept'));
  };
  await one
    .request(requests.turnStart, {
      threadId: setup.threadId,
      input: [{ type: 'text', text: 'make it' }],
      approvalPolicy: 'untrusted',
    })
    .catch(() => undefined);
  await died;
  await one[Symbol.asyncDispose]();
  await setup.restart();
  await expect.poll(() => ran(setup), { timeout: 20_000 }).toBe('ran\n');
});

it('a question that was open in a turn pauses the goal after a restart, and its answer sets it going', async () => {
  await using setup = await goalSetup({ script: byProgress(ASK, runs('touch b.txt'), CLAIM) });
  await using one = await person(setup);
  await setup.setGoal({ objective: 'use the key' });
  const { id } = await one.untilAsked(serverRequests.toolRequestUserInput);
  await setup.daemon.kill('SIGKILL');
  await setup.restart();
  expect(await setup.stopped()).toMatchObject({
    status: 'paused',
    statusReason: { code: 'needsInput', detail: 'Where is the key?' },
  });
  await setup.client.request(requests.goalBlockerResolve, {
    threadId: setup.threadId,
    blockerId: id,
    answer: 'Here.',
  });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  expect((await stat(join(setup.repository, 'b.txt'))).isFile()).toBe(true);
});
