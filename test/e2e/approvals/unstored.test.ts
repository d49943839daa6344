import { requests, serverRequests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { attach } from './support/approvals.js';

it('an answer that could not be stored is asked for again, until it is', async () => {
  await using setup = await goalSetup({
    script: byProgress(runs('touch b.txt'), CLAIM),
    daemon: { throwAt: 'approval.deciding' },
  });
  await using one = await RpcClient.connect(
    setup.daemon.wsUrl,
    await setup.daemon.token(),
    'person',
    { requiredHumanApproval: true },
  );
  await attach(one, setup.threadId);
  one.onAsked = ({ id }) => {
    one.answer(id, { decision: 'accept' });
  };
  await setup.setGoal({ objective: 'make b.txt', approvalPolicy: 'untrusted' });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  const { method } = serverRequests.commandExecutionRequestApproval;
  await eventually('it was asked twice', () => one.asked.length === 2 || null);
  expect(one.asked.map((asked) => asked.method)).toEqual([method, method]);
  expect(new Set(one.asked.map(({ id }) => id)).size).toBe(1);
  const { data } = await one.request(requests.goalApprovalList, { all: true });
  expect(data).toMatchObject([{ decision: 'accept' }]);
});
