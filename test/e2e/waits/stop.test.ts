import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import type { Script } from '../../helpers/model-server/index.js';
import {
  CLAIM,
  isAlive,
  pidsIn,
  results,
  runsInBackground,
  steps,
  toldBy,
  waiting,
  waits,
  type Watched,
} from '../../helpers/waiting.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';

/** A shell and a child in a session of its own, both deaf to SIGTERM, both writing down who they are. */
const DEAF_TREE = [
  "trap '' TERM",
  'echo $$ >> pids',
  'setsid bash -c \'trap "" TERM; echo $$ >> pids; while :; do sleep 0.1; done\' &',
  'while :; do sleep 0.1; done',
].join('\n');

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A goal that waits for a process tree which never ends. */
async function withTree(
  after: Script = () => CLAIM,
): Promise<{ place: Place & Watched; tree: number[] }> {
  const placed = await world.place(
    steps(runsInBackground(DEAF_TREE), waits({ process_id: 1 }), after),
  );
  const place = { client: world.ws, ...placed };
  await place.setGoal({ objective: 'Run for ever.', ...FREE });
  await waiting(place);
  const tree = await eventually('the tree stands', () => {
    const found = pidsIn(place.repository);
    return found.length === 2 && found.every(isAlive) ? found : null;
  });
  return { place, tree };
}

const allDead = (tree: readonly number[]): Promise<boolean> =>
  eventually('all are dead', () => tree.filter(isAlive).length === 0);

/** In a sandbox processes have numbers of their own, and nothing outlives its command. */
const FREE = { sandbox: 'danger-full-access' } as const;

describe('a background process', () => {
  it('outlives its turn, with the children it has in sessions of their own', async () => {
    const { place, tree } = await withTree();
    const ended = await world.ws.until(
      notifications.turnCompleted,
      (params) => params.threadId === place.threadId,
    );
    expect(ended.turn.status).toBe('completed');
    expect(tree.filter(isAlive)).toEqual(tree);
    await world.ws.request(requests.threadGoalClear, { threadId: place.threadId });
    await allDead(tree);
  });

  it('ends with a pause, which also ends the wait; the resumed goal knows that it is gone', async () => {
    let told: string[] = [];
    const { place, tree } = await withTree((request) => {
      told = toldBy(request, 'wait');
      return CLAIM;
    });
    const { threadId } = place;
    await world.ws.request(requests.threadGoalPause, { threadId });
    await allDead(tree);
    expect(await place.goal()).toMatchObject({ status: 'paused', waitingFor: null });
    expect(await results(place)).toEqual(['stopped']);
    expect(place.asked()).toHaveLength(2);
    await world.ws.request(requests.threadGoalResume, { threadId });
    expect((await place.stopped()).status).toBe('complete');
    expect(told.at(-1)).toMatch(/Process 1 .* was ended because the goal was stopped/);
  });

  it('ends with the goal’s completion, before turn/completed is sent', async () => {
    const placed = await world.place(
      steps(runsInBackground(DEAF_TREE), async () => {
        await eventually('the tree stands', () => pidsIn(placed.repository).length === 2);
        return CLAIM;
      }),
    );
    const { threadId } = placed;
    const deadAtEnd = world.ws
      .until(notifications.turnCompleted, (params) => params.threadId === threadId)
      .then(() => pidsIn(placed.repository).filter(isAlive));
    await placed.setGoal({ objective: 'Run.', ...FREE });
    expect((await placed.stopped()).status).toBe('complete');
    expect(await deadAtEnd).toEqual([]);
    expect(pidsIn(placed.repository)).toHaveLength(2);
  });

  it('ends with its thread, before the deletion is answered', async () => {
    const { place, tree } = await withTree();
    await world.ws.request(requests.threadDelete, { threadId: place.threadId });
    expect(tree.filter(isAlive)).toEqual([]);
  });

  it('that leaves children behind when it ends takes them along', async () => {
    const placed = await world.place(
      steps(
        runsInBackground('(setsid sleep 1000 & echo $! >> pids); echo $$ >> pids; sleep 0.3'),
        waits({ process_id: 1 }),
        () => ({ ...CLAIM, delayMs: 0 }),
      ),
    );
    let aliveAtEnd: number[] | null = null;
    await placed.setGoal({ objective: 'Run.', ...FREE });
    await eventually('the wait is over', async () => {
      const ends = await results({ client: world.ws, threadId: placed.threadId });
      if (ends.length === 0) return false;
      aliveAtEnd ??= pidsIn(placed.repository).filter(isAlive);
      return true;
    });
    expect(aliveAtEnd).toEqual([]);
    expect(pidsIn(placed.repository)).toHaveLength(2);
    expect((await placed.stopped()).status).toBe('complete');
  });
});
