import type { Goal, Usage } from '@goald/protocol';
import { measuredCharge } from '@goald/server/goals/accounting.js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertOrphanTurn } from '../store/support/orphan-turn.js';
import { charge } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREADS = ['a', 'b'];

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

const set = (threadId: string): Goal => world.goals.set({ threadId, objective: 'x' }, byUser());

const usageOf = ({ input, cachedInput, output, reasoning }: Usage): Usage => ({
  input,
  cachedInput,
  output,
  reasoning,
});

/** What the repository keeps of a thread. */
const kept = (threadId: string): Usage =>
  usageOf(world.repositories.ledger.usageOfThread(threadId));

/** What the rows of a thread add up to, asked of the database anew. */
const stored = (threadId: string): Usage => usageOf(world.repositories.ledger.totals({ threadId }));

const usageArbitrary = fc.record({
  input: fc.nat(1000),
  cachedInput: fc.nat(1000),
  output: fc.nat(1000),
  reasoning: fc.nat(1000),
});

const stepArbitrary = fc.record({
  threadId: fc.constantFrom(...THREADS),
  usage: usageArbitrary,
  /** Rolls the charge back. */
  undone: fc.boolean(),
  /** Another goal in the place of the thread's before it. */
  anew: fc.boolean(),
});

describe('the sums of a thread', () => {
  it('are those of its rows, and a goal has counted its own, whatever was charged and undone', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 20 }), (steps) => {
        world[Symbol.dispose]();
        world = openWorld();
        const goals = new Map(THREADS.map((id) => [id, set(world.thread(id))]));
        const { ledger } = world.repositories;
        for (const { threadId, usage, undone, anew } of steps) {
          if (anew) {
            world.goals.clear({ threadId }, byUser());
            goals.set(threadId, set(threadId));
          }
          const goal = goals.get(threadId);
          if (goal === undefined) throw new Error('Every thread has a goal.');
          const spend = (): string => charge(world, goal, { charge: measuredCharge(usage) });
          if (undone) rollBack(spend);
          else spend();
          for (const id of THREADS) expect(kept(id)).toEqual(stored(id));
          const { goalId } = goal;
          const { input, cachedInput, output, reasoning, tokens } = ledger.totals({ goalId });
          expect(world.goals.get(threadId)).toMatchObject({
            tokensUsed: tokens,
            usage: { input, cachedInput, output, reasoning },
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are read anew when requests came from elsewhere', () => {
    const goal = set(world.thread('a'));
    const usage = { input: 1, cachedInput: 0, output: 2, reasoning: 0 };
    charge(world, goal, { charge: measuredCharge(usage) });
    const { ledger } = world.repositories;
    expect(kept('a')).toEqual(usage);
    world.store.sql.run(
      world.store.sql.query
        .updateTable('model_request')
        .set({ output_tokens: 5 })
        .where('thread_id', '=', 'a'),
    );
    ledger.forget('a');
    expect(kept('a')).toEqual({ ...usage, output: 5 });
  });
});

/** Has the commit fail behind the charge: a turn without a thread is found out only there. */
function rollBack(spend: () => string): void {
  const [outcome] = world.store.group<unknown>([
    spend,
    () =>
      world.store.write((tx) => {
        insertOrphanTurn(tx, world.db);
      }),
  ]);
  expect(outcome?.ok).toBe(false);
}
