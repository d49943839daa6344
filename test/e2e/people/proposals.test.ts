import { requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, Latch } from '../api/support/scripts.js';
import { eventsOf, outputs, refused, set, steeringOf, userTexts } from './support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const WISER = set({ proposed_objective: 'Something wiser.' });

/** A goal in flight whose agent has proposed something wiser; it goes on when the latch opens. */
async function proposingPlace(): Promise<{ place: Place; latch: Latch }> {
  const latch = new Latch();
  const place = await world.place(
    byProgress(WISER, () => latch.thenReply(says('I go on.')), CLAIM),
  );
  await place.setGoal({ objective: 'Something hard.', tokenBudget: 90_000 });
  await eventually('the second request', () => place.asked().length === 2);
  return { place, latch };
}

describe('a proposed objective', () => {
  it('that is accepted becomes the objective, as a user’s edit, and the turn in flight is told', async () => {
    const { place, latch } = await proposingPlace();
    const { threadId } = place;
    const before = await place.goal();
    const { goal } = await world.unix.request(requests.goalProposalAccept, { threadId });
    expect(goal).toMatchObject({
      objective: 'Something wiser.',
      status: 'active',
      goalId: before?.goalId,
      tokenBudget: 90_000,
      revision: (before?.revision ?? 0) + 1,
    });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    const last = place.asked().at(-1);
    expect(steeringOf(last)).toContain('Something wiser.');
    expect(userTexts(last)).toEqual([expect.stringContaining('I accept the objective')]);
    const events = await eventsOf(world.ws, threadId, 'proposal.decided', 'goal.edited');
    expect(events.map(({ type }) => type)).toEqual(['proposal.decided', 'goal.edited']);
    for (const { data } of events) {
      expect(data).toMatchObject({
        objective: 'Something wiser.',
        origin: { kind: 'user', clientName: 'on-unix', connectionId: expect.any(String) as string },
      });
    }
    const { data } = await world.ws.request(requests.goalProposalList, { threadId });
    expect(data).toMatchObject([{ objective: 'Something wiser.', decision: 'accepted' }]);
  });

  it('that is declined changes nothing, and the agent reads why, once', async () => {
    const { place, latch } = await proposingPlace();
    const { threadId } = place;
    const { revision } = (await place.goal()) ?? {};
    const reason = 'It must be hard.';
    const { goal } = await world.ws.request(requests.goalProposalDecline, { threadId, reason });
    expect(goal).toMatchObject({ objective: 'Something hard.', status: 'active', revision });
    latch.open();
    expect(await place.stopped()).toMatchObject({ objective: 'Something hard.' });
    expect(userTexts(place.asked().at(-1))).toEqual([
      'I decline the objective you proposed, "Something wiser.". The objective stays as it is.\nIt must be hard.',
    ]);
    const [decided] = await eventsOf(world.ws, threadId, 'proposal.decided');
    expect(decided?.data).toMatchObject({
      decision: 'declined',
      reason,
      origin: { kind: 'user', clientName: 'on-ws' },
    });
    expect(await eventsOf(world.ws, threadId, 'goal.edited')).toEqual([]);
  });

  it('is decided once; who comes second is told how', async () => {
    const { place, latch } = await proposingPlace();
    const { threadId } = place;
    const results = await Promise.all([
      refused(world.ws.request(requests.goalProposalAccept, { threadId })),
      refused(world.unix.request(requests.goalProposalDecline, { threadId })),
    ]);
    expect(results.filter((result) => result === null)).toHaveLength(1);
    const [proposal] = (await world.ws.request(requests.goalProposalList, { threadId })).data;
    expect(proposal?.decision).toBe(results[0] === null ? 'accepted' : 'declined');
    const late = world.ws.request(requests.goalProposalAccept, {
      threadId,
      proposalId: proposal?.proposalId,
    });
    expect(await refused(late)).toMatchObject({ code: 'proposal_not_found', proposal });
    expect(await eventsOf(world.ws, threadId, 'proposal.decided')).toHaveLength(1);
    latch.open();
    await place.stopped();
  });

  it('keeps to revision, origin and key like every mutation', async () => {
    const { place, latch } = await proposingPlace();
    const { threadId } = place;
    const { revision = 0 } = (await place.goal()) ?? {};
    const accept = (params: object) =>
      world.ws.request(requests.goalProposalAccept, { threadId, ...params });
    expect(await refused(accept({ expectedRevision: revision + 1 }))).toMatchObject({
      code: 'revision_conflict',
    });
    expect(await refused(accept({ origin: 'automatic' }))).toMatchObject({
      code: 'policy_refused',
    });
    const declined = world.ws.request(requests.goalProposalDecline, {
      threadId,
      origin: 'automatic',
    });
    expect(await refused(declined)).toMatchObject({ code: 'policy_refused' });
    expect(await refused(accept({ proposalId: 'nobody' }))).toMatchObject({
      code: 'proposal_not_found',
    });
    expect(await eventsOf(world.ws, threadId, 'proposal.decided', 'goal.edited')).toEqual([]);
    const keyed = { expectedRevision: revision, idempotencyKey: `${threadId}-accept` };
    expect(await accept(keyed)).toEqual(await accept(keyed));
    expect(await eventsOf(world.ws, threadId, 'goal.edited')).toHaveLength(1);
    latch.open();
    await place.stopped();
  });

  it('made again is no second one, and after a decline none at all', async () => {
    const again = set({ proposed_objective: ' something  WISER ' });
    const place = await world.place(
      byProgress(WISER, again, set({ blocker: { summary: 'Wait.' } }), again, CLAIM),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Something hard.' });
    await place.stopped();
    await world.ws.request(requests.goalProposalDecline, { threadId });
    await world.ws.request(requests.goalBlockerResolve, { threadId });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(outputs(place.asked().at(-1)).at(-1)).toContain('declined');
    expect((await world.ws.request(requests.goalProposalList, { threadId })).data).toHaveLength(1);
    expect(await eventsOf(world.ws, threadId, 'proposal.made')).toHaveLength(1);
  });

  it('accepted for a complete goal is its successor, with counters of its own', async () => {
    const place = await world.place(
      byProgress(WISER, CLAIM, set({ progress: { summary: 'On it.' } }), CLAIM),
    );
    const { threadId } = place;
    await place.setGoal({ objective: 'Something hard.' });
    const first = await place.stopped();
    const { goal } = await world.ws.request(requests.goalProposalAccept, { threadId });
    expect(goal).toMatchObject({ objective: 'Something wiser.', status: 'active', turnsUsed: 0 });
    expect(goal.goalId).not.toBe(first.goalId);
    expect(await place.stopped()).toMatchObject({ goalId: goal.goalId, status: 'complete' });
    expect(userTexts(place.asked()[2])).toEqual([expect.stringContaining('I accept')]);
  });
});
