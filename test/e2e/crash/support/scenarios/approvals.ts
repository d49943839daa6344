import { requests, serverRequests } from '@goald/protocol';
import { QUICK } from '../../../../helpers/goal-setup.js';
import type { RpcClient } from '../../../../helpers/rpc/rpc-client.js';
import { runs } from '../../../api/support/scripts.js';
import type { Scenario, Stage } from '../scenario.js';
import { work } from './work.js';

/** The plain work, with its patch accepted by the client while the turn waits, and its command later, by another request. */
export const approvals: Scenario = {
  ...work,
  name: 'approvals',
  config: { ...QUICK, approvals: { graceSeconds: 0 } },
  goal: { ...work.goal, approvalPolicy: 'untrusted' },
  capabilities: { requiredHumanApproval: true },
  script: (repository) => {
    const working = work.script(repository);
    return async (request) => {
      const reply = await working(request);
      const isShell = reply.toolCalls?.some(({ name }) => name === 'shell') === true;
      return isShell ? runs('cat a.txt >> seen.txt') : reply;
    };
  },
  play: async (stage) => {
    answerPatches(stage.client);
    for (;;) {
      const goal = await work.play(stage);
      if (goal.status !== 'paused' || goal.statusReason?.code !== 'needsInput') return goal;
      await acceptAll(stage);
    }
  },
};

/** It cannot ask for commands. */
function answerPatches(client: RpcClient): void {
  const answer = ({ id, method }: { id: string; method: string }): void => {
    if (method === serverRequests.fileChangeRequestApproval.method) {
      client.answer(id, { decision: 'accept' });
    } else client.fail(id);
  };
  client.onAsked = answer;
  for (const request of client.asked) answer(request);
}

async function acceptAll({ client, threadId }: Stage): Promise<void> {
  const { data } = await client.request(requests.goalApprovalList, { threadId });
  for (const { approvalId } of data) {
    await client.request(requests.goalApprovalDecide, { approvalId, decision: 'accept' });
  }
}
