import { requests } from '@goald/protocol';
import { calls, toolCall } from '../../../../helpers/model-server/index.js';
import type { Scenario, Stage } from '../scenario.js';
import { work } from './work.js';

const ASKS = calls(
  toolCall('set_goal', {
    status: 'blocked',
    blocker: { summary: 'Two words fit.', question: 'Which word?' },
    proposed_objective: 'a.txt says two, and nothing else.',
  }),
);

/** Asks a question and proposes another objective; a person accepts and answers; then the plain work. */
export const people: Scenario = {
  ...work,
  name: 'people',
  script: (repository) => {
    const working = work.script(repository);
    return (request) => {
      const answered = request.input.some(
        (item) => item.type === 'message' && item.text.includes('The word is two.'),
      );
      return answered ? working(request) : ASKS;
    };
  },
  play: async (stage) => {
    for (;;) {
      const goal = await work.play(stage);
      if (goal.status !== 'blocked' || goal.statusReason?.code !== 'blocker') return goal;
      await acceptAndAnswer(stage);
    }
  },
};

async function acceptAndAnswer({ client, threadId }: Stage): Promise<void> {
  const proposals = await client.request(requests.goalProposalList, { threadId });
  for (const { proposalId, decision } of proposals.data) {
    if (decision !== 'pending') continue;
    await client.request(requests.goalProposalAccept, { threadId, proposalId });
  }
  const blockers = await client.request(requests.goalBlockerList, { threadId });
  for (const { blockerId, resolved } of blockers.data) {
    if (resolved) continue;
    await client.request(requests.goalBlockerResolve, {
      threadId,
      blockerId,
      answer: 'The word is two.',
    });
  }
}
