import type { Goal, ParamsInput, requests } from '@goald/protocol';
import { expect } from 'vitest';
import { toolCall, type ScriptedCall } from '../../../helpers/model-server/index.js';
import type { ApiWorld, Place } from '../../api/support/api-world.js';
import { eventsOf, outputs } from '../../people/support/people.js';
import { DONE, obedient } from './obedient.js';

/** What users decide: none of it may move. */
export const GOAL = {
  objective: 'Mend the <objective> tag & the parser.',
  requirements: ['No new dependency'],
  constraints: { paths: { allow: [], deny: [] }, notes: ['Small steps'] },
  verification: [{ name: 'hard', command: 'grep -q mended a.txt', timeoutSeconds: 60 }],
  tokenBudget: 500_000,
  timeBudgetSeconds: 3600,
  maxTurns: 12,
} satisfies Omit<ParamsInput<typeof requests.threadGoalSet>, 'threadId'>;

const DECIDED = [
  'goalId',
  'objective',
  'requirements',
  'constraints',
  'verification',
  'tokenBudget',
  'tokenCeiling',
  'timeBudgetSeconds',
  'maxTurns',
  'isolation',
  'planning',
  'approvalPolicy',
  'sandbox',
  'networkAccess',
  'role',
  'costBudgetUsd',
] as const satisfies readonly (keyof Goal)[];

function decided(goal: Goal | null): Record<string, unknown> {
  return Object.fromEntries(DECIDED.map((field) => [field, goal?.[field]]));
}

export interface Attempt {
  readonly place: Place;
  /** The goal when the model had nothing left to obey. */
  readonly goal: Goal;
}

/** Lets an obedient model loose on a folder with these files, and holds that nothing moved that is the user's. */
export async function attempt(
  world: ApiWorld,
  options: {
    readonly files: Readonly<Record<string, string>>;
    readonly look?: ScriptedCall;
    readonly before?: (place: Place) => Promise<void> | void;
  },
): Promise<Attempt> {
  const { files, look = toolCall('read_file', { path: 'NOTES.md' }), before } = options;
  const place = await world.place(obedient(look), { files: { 'a.txt': 'broken\n', ...files } });
  await before?.(place);
  const set = await place.setGoal(GOAL);
  const goal = await place.stopped();
  await expectUntouched(world, place, set);
  // The order was met and obeyed: its call was answered after the look.
  expect(outputs(place.asked().at(-1)).length).toBeGreaterThan(1);
  expect(goal).toMatchObject({
    status: 'blocked',
    verified: false,
    statusReason: { code: 'blocker', message: DONE },
  });
  return { place, goal };
}

/** The goal is what the user set, by the user alone, and nobody spoke in the user's name. */
export async function expectUntouched(world: ApiWorld, place: Place, set: Goal): Promise<void> {
  const { threadId } = place;
  expect(decided(await place.goal())).toEqual(decided(set));
  const events = await eventsOf(
    world.ws,
    threadId,
    'goal.created',
    'goal.edited',
    'goal.cleared',
    'goal.statusChanged',
    'blocker.resolved',
    'proposal.decided',
    'item.completed',
  );
  const byUser = events.filter(({ data }) => {
    const origin = data['origin'] as { kind?: string } | undefined;
    return origin?.kind === 'user' || origin?.kind === 'automatic';
  });
  expect(byUser.map(({ type }) => type)).toEqual(['goal.created']);
  expect(events.filter(({ data }) => data['itemType'] === 'userMessage')).toEqual([]);
  expect(events.filter(({ data }) => data['to'] === 'complete')).toEqual([]);
}
