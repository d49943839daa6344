import { requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { goalSetup, type GoalSetup } from '../../helpers/goal-setup.js';
import { says, type Script } from '../../helpers/model-server/index.js';
import { CLAIM } from '../api/support/scripts.js';
import { ASK, eventsOf, refused, set, userTexts } from './support/people.js';

const HEARD = 'Answer to your question "Where is the key?":\nUnder the mat.';

/** Asks; works and ends a turn with words; then is done. */
const asking: Script = ({ progress }) =>
  progress === 0 ? ASK : progress === 1 ? says('I look under the mat.') : CLAIM;

/** What users said in the thread, as its items and as the newest request have it. */
async function heard(setup: GoalSetup): Promise<{ items: number; read: string[] }> {
  const { threadId, client, model } = setup;
  const items = await eventsOf(client, threadId, 'item.completed');
  return {
    items: items.filter(({ data }) => data['itemType'] === 'userMessage').length,
    read: userTexts(model.requests.at(-1)),
  };
}

describe('kill -9', () => {
  it.each([
    'blocker.resolving',
    'blocker.resolved',
    'request.afterIntent:2',
    'request.beforeCharge:2',
  ])('at %s: the answer counts once and the agent reads it once', async (dieAt) => {
    await using setup = await goalSetup({ script: asking, daemon: { dieAt } });
    const { threadId } = setup;
    await setup.setGoal({ objective: 'Open the door.' });
    await setup.stopped();
    const params = { threadId, answer: 'Under the mat.', idempotencyKey: 'one answer' };
    // Who gets no answer may repeat itself: the key makes it harmless.
    await setup.client.request(requests.goalBlockerResolve, params).catch(() => undefined);
    expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
    await setup.restart();
    await setup.client.request(requests.goalBlockerResolve, params);
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    expect(await heard(setup)).toEqual({ items: 1, read: [HEARD] });
    expect(await eventsOf(setup.client, threadId, 'blocker.resolved')).toHaveLength(1);
  });

  it('right after a question was stored: the goal stays stopped with the one question open', async () => {
    await using setup = await goalSetup({ script: asking, daemon: { dieAt: 'goal.proposed' } });
    const { threadId } = setup;
    await setup.setGoal({ objective: 'Open the door.' });
    await setup.daemon.ended();
    await setup.restart();
    expect(await setup.stopped()).toMatchObject({
      status: 'blocked',
      statusReason: { code: 'blocker' },
    });
    expect(setup.model.requests).toHaveLength(1);
    const { data } = await setup.client.request(requests.goalBlockerList, { threadId });
    expect(data.map(({ resolved }) => resolved)).toEqual([false]);
    await setup.client.request(requests.goalBlockerResolve, { threadId, answer: 'Under the mat.' });
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    expect(await heard(setup)).toEqual({ items: 1, read: [HEARD] });
  });

  it.each(['proposal.deciding', 'proposal.decided'])(
    'at %s: a decline counts once and is read once',
    async (dieAt) => {
      await using setup = await goalSetup({
        script: ({ progress }) =>
          progress === 0
            ? set({ proposed_objective: 'Less.', blocker: { summary: 'Too much.' } })
            : CLAIM,
        daemon: { dieAt },
      });
      const { threadId } = setup;
      await setup.setGoal({ objective: 'Much.' });
      await setup.stopped();
      const params = { threadId, reason: 'All of it.', idempotencyKey: 'one decline' };
      const cut = await setup.client.request(requests.goalProposalDecline, params).then(
        () => 'answered',
        () => 'cut',
      );
      expect(cut).toBe('cut');
      await setup.daemon.ended();
      await setup.restart();
      await setup.client.request(requests.goalProposalDecline, params);
      const again = setup.client.request(requests.goalProposalDecline, { threadId });
      expect(await refused(again)).toMatchObject({ code: 'proposal_not_found' });
      await setup.client.request(requests.goalBlockerResolve, { threadId });
      await setup.stopped();
      expect((await heard(setup)).read).toEqual([
        expect.stringContaining('All of it.'),
        'What blocked you is resolved, go on: "Too much.".',
      ]);
      expect(await eventsOf(setup.client, threadId, 'proposal.decided')).toHaveLength(1);
    },
  );
});

it('an answer survives a stop of the daemon that comes before any turn could hear it', async () => {
  await using setup = await goalSetup({ script: asking });
  const { threadId } = setup;
  await setup.setGoal({ objective: 'Open the door.' });
  await setup.stopped();
  await setup.client.request(requests.threadGoalPause, { threadId });
  await setup.client.request(requests.goalBlockerResolve, { threadId, answer: 'Under the mat.' });
  await setup.daemon.kill('SIGTERM');
  await setup.restart();
  await setup.client.request(requests.threadGoalResume, { threadId });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  expect(await heard(setup)).toEqual({ items: 1, read: [HEARD] });
});
