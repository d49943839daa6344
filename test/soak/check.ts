import { expect } from 'vitest';
import { expectBillCovered } from '../e2e/crash/support/check-bill.js';
import { expectStoreConsistent } from '../e2e/crash/support/check-store.js';
import { fairnessOf } from './fairness.js';
import { planOf } from './plan.js';
import type { Soaked } from './soak.js';

const STATUS = { complete: 'complete', blocker: 'blocked', noProgress: 'blocked' } as const;
const REASON = { complete: 'completed', blocker: 'blocker', noProgress: 'noProgress' } as const;

/** Everything but the heap: ends, log, ledger, bill, followers and how turns were shared out. */
export function expectSound(soaked: Soaked): void {
  const { ended, stuck, size, database, bill, followed, heap } = soaked;
  expect(stuck, 'goals without an end').toEqual([]);
  expect(ended).toHaveLength(size.goalsPerRound * heap.length);
  for (const { number, goal } of ended) {
    const plan = planOf(size.seed, number);
    expect(
      [number, goal.status, goal.statusReason?.code, goal.verified],
      goal.statusReason?.message,
    ).toEqual([number, STATUS[plan.end], REASON[plan.end], plan.verified]);
  }
  expectStoreConsistent(database, new Map());
  expectBillCovered(database, bill);
  for (const seqs of followed) {
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs.every((seq, index) => seq === index + 1)).toBe(true);
  }
  expect(fairnessOf(database).spread).toBeLessThanOrEqual(1);
}
