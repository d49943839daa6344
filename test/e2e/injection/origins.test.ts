import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { input } from '../api/support/scripts.js';
import { byProgress } from '../../helpers/model-server/index.js';
import { ASK, eventsOf, set } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const HANG = { fault: { kind: 'hang' } } as const;

interface Act {
  readonly name: string;
  /** Where the act is done: a goal at work, one that asks, or one whose agent proposes. */
  readonly at: 'work' | 'question';
  readonly type: GoalEvent['type'];
  readonly field?: 'stoppedBy';
  readonly act: (threadId: string, place: Place) => Promise<unknown>;
}

/** The id of the turn in flight. */
async function turnOf(threadId: string): Promise<string> {
  const { data } = await world.ws.request(requests.threadTurnsList, { threadId });
  return data[0]?.id ?? '';
}

const ACTS: readonly Act[] = [
  {
    name: 'an edit',
    at: 'work',
    type: 'goal.edited',
    act: (threadId) => world.unix.request(requests.threadGoalSet, { threadId, tokenBudget: 5000 }),
  },
  {
    name: 'a pause',
    at: 'work',
    type: 'goal.statusChanged',
    act: (threadId) => world.unix.request(requests.threadGoalPause, { threadId }),
  },
  {
    name: 'a completion',
    at: 'work',
    type: 'goal.statusChanged',
    act: (threadId) => world.unix.request(requests.threadGoalSet, { threadId, status: 'complete' }),
  },
  {
    name: 'a resume',
    at: 'question',
    type: 'blocker.resolved',
    act: (threadId) => world.unix.request(requests.threadGoalResume, { threadId }),
  },
  {
    name: 'a resume with more budget',
    at: 'question',
    type: 'goal.edited',
    act: (threadId) => world.unix.request(requests.threadGoalResume, { threadId, addTurns: 5 }),
  },
  {
    name: 'a verification',
    at: 'question',
    type: 'verification.started',
    act: (threadId) => world.unix.request(requests.goalVerify, { threadId }),
  },
  {
    name: 'a clear',
    at: 'work',
    type: 'goal.cleared',
    act: (threadId) => world.unix.request(requests.threadGoalClear, { threadId }),
  },
  {
    name: 'an answer',
    at: 'question',
    type: 'blocker.resolved',
    act: (threadId) =>
      world.unix.request(requests.goalBlockerResolve, { threadId, answer: 'Yes.' }),
  },
  {
    name: 'an accepted proposal',
    at: 'question',
    type: 'proposal.decided',
    act: (threadId) => world.unix.request(requests.goalProposalAccept, { threadId }),
  },
  {
    name: 'a declined proposal',
    at: 'question',
    type: 'proposal.decided',
    act: (threadId) => world.unix.request(requests.goalProposalDecline, { threadId }),
  },
  {
    name: 'words said into a turn',
    at: 'work',
    type: 'item.completed',
    act: (threadId) => world.unix.request(requests.turnStart, { threadId, input: input('Hi.') }),
  },
  {
    name: 'a steer',
    at: 'work',
    type: 'item.completed',
    act: async (threadId) =>
      world.unix.request(requests.turnSteer, {
        threadId,
        expectedTurnId: await turnOf(threadId),
        input: input('Left.'),
      }),
  },
  {
    name: 'a turn begun by words',
    at: 'question',
    type: 'turn.started',
    act: (threadId) => world.unix.request(requests.turnStart, { threadId, input: input('Hi.') }),
  },
  {
    name: 'an interrupt',
    at: 'work',
    type: 'turn.completed',
    field: 'stoppedBy',
    act: async (threadId) =>
      world.unix.request(requests.turnInterrupt, { threadId, turnId: await turnOf(threadId) }),
  },
  {
    name: 'an archived thread',
    at: 'work',
    type: 'goal.statusChanged',
    act: (threadId) => world.unix.request(requests.threadArchive, { threadId }),
  },
  {
    name: 'a deleted thread',
    at: 'work',
    type: 'goal.cleared',
    act: (threadId) => world.unix.request(requests.threadDelete, { threadId }),
  },
];

it.each(ACTS)(
  '$name is recorded with client, connection and kind',
  async ({ at, type, field, act }) => {
    const proposes = set({ proposed_objective: 'Something wiser.' });
    const place = await world.place(
      at === 'work' ? () => HANG : byProgress(proposes, ASK, HANG, HANG),
    );
    const { threadId } = place;
    await place.setGoal({
      objective: 'Something hard.',
      verification: [{ name: 'check', command: 'true' }],
    });
    if (at === 'work') await eventually('the model was asked', () => place.asked().length === 1);
    else {
      await place.stopped();
      await world.ws.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    }
    const before = (await eventsOf(world.ws, threadId, type)).length;
    await act(threadId, place);
    const [caused] = await eventually('the event', async () => {
      const events = (await eventsOf(world.ws, threadId, type)).slice(before);
      const told = events.filter(({ data }) => data[field ?? 'origin'] !== undefined);
      return told.length > 0 && told;
    });
    expect(caused?.data[field ?? 'origin']).toEqual({
      kind: 'user',
      clientName: 'on-unix',
      connectionId: expect.any(String) as string,
    });
    await world.ws.request(requests.threadGoalClear, { threadId }).catch(() => undefined);
  },
);
