import { expect, it } from 'vitest';
import { expectSound } from '../soak/check.js';
import { sharedOut } from '../soak/fairness.js';
import { bytesPerGoal } from '../soak/heap.js';
import { soak } from '../soak/soak.js';

it(
  'goals under a failing model, with clients in and out, all come to their end and add up',
  { timeout: 90_000 },
  async () => {
    await using soaked = await soak({
      seed: 2026,
      goalsPerRound: 24,
      rounds: 1,
      leastMs: 0,
      active: 12,
      concurrentTurns: 4,
      followers: 2,
      guests: 6,
      mostMs: 60_000,
    });
    expect(soaked.failures.size).toBeGreaterThan(0);
    expectSound(soaked);
  },
);

it('the slope of the heap is that of a line through its samples', () => {
  const samples = [200, 400, 600].map((goals) => ({ goals, heapBytes: 1000 + 5 * goals }));
  expect(bytesPerGoal(samples)).toBeCloseTo(5);
});

it('a goal that starts two turns while another waits for its first is found', () => {
  const event = (type: string, goal: string) => ({
    type,
    goal_id: goal,
    progressed: type === 'turn.completed' ? 1 : null,
  });
  const turn = (goal: string) => [event('turn.started', goal), event('turn.completed', goal)];
  const created = [event('goal.created', 'a'), event('goal.created', 'b')];
  expect(sharedOut([...created, ...turn('a'), ...turn('b'), ...turn('a')]).spread).toBe(1);
  expect(sharedOut([...created, ...turn('a'), ...turn('a'), ...turn('b')]).spread).toBe(2);
});
