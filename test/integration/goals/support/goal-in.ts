import type { Goal, GoalStatus, StatusReasonCode, Usage } from '@goald/protocol';
import { moveByRuntime, type RuntimeTrigger } from '@goald/server/engine/goal-moves.js';
import { measuredCharge, type Charge } from '@goald/server/goals/accounting.js';
import type { Price, Tier } from '@goald/server/goals/price.js';
import { byUser, type World } from './world.js';

/** Tokens every goal of `goalIn` has used, and the budget it has. */
export const USED = 400;
export const BUDGET = 1_000;

let requestsMade = 0;

export interface ChargeOptions {
  readonly charge: Charge;
  readonly workMs?: number;
  readonly mayMove?: boolean;
  /** Absent: not known. */
  readonly price?: Price;
  readonly tier?: Tier;
  readonly servedTier?: string;
}

/** One model request of a goal: the intent, then what it cost. Answers the request's id. */
export function charge(
  world: World,
  goal: Pick<Goal, 'goalId' | 'threadId'>,
  options: ChargeOptions,
): string {
  requestsMade += 1;
  const requestId = `request-${requestsMade}`;
  world.store.write((tx) => {
    world.ledger.intent(tx, {
      requestId,
      turnId: 'turn',
      threadId: goal.threadId,
      goalId: goal.goalId,
      provider: 'openai',
      model: 'm',
      estimatedInput: options.charge.usage.input,
      countedInput: options.charge.usage.input,
      price: options.price ?? null,
      tier: options.tier ?? 'default',
    });
  });
  settle(world, requestId, options);
  return requestId;
}

/** Settles an intent. Answers whether a budget was reached by it. */
export function settle(world: World, requestId: string, options: ChargeOptions): boolean {
  return world.store.write((tx) =>
    world.ledger.settle(tx, requestId, {
      charge: options.charge,
      outcome: 'completed',
      toolCalls: [],
      workMs: options.workMs ?? 0,
      mayMove: options.mayMove ?? true,
      contextWindow: null,
      servedTier: options.servedTier ?? null,
    }),
  ).budgetReached;
}

/** A charge of so many tokens, all of them output. */
export function output(tokens: number): Charge {
  const usage: Usage = { input: 0, cachedInput: 0, output: tokens, reasoning: 0 };
  return measuredCharge(usage);
}

/** Something that happens to the current goal of a thread without a user. */
export function runtime(
  world: World,
  threadId: string,
  trigger: RuntimeTrigger,
  options: { code?: StatusReasonCode; pauseOnRestart?: boolean } = {},
): void {
  world.store.write((tx) => {
    const row = world.repositories.goals.current(threadId);
    if (row === undefined) return;
    moveByRuntime(world.writer, tx, row, trigger, {
      code: options.code ?? 'turnError',
      message: 'It happened.',
      turnId: null,
      pauseOnRestart: options.pauseOnRestart ?? false,
    });
  });
}

/** A thread whose goal has used 400 of 1,000 tokens and has come to the status as it does in life. */
export function goalIn(world: World, threadId: string, status: GoalStatus): Goal {
  world.thread(threadId);
  const goal = world.goals.set({ threadId, objective: 'old', tokenBudget: BUDGET }, byUser());
  charge(world, goal, { charge: output(USED) });
  switch (status) {
    case 'active':
      break;
    case 'paused':
      world.goals.pause({ threadId }, byUser());
      break;
    case 'blocked':
      runtime(world, threadId, 'stopped', { code: 'blocker' });
      break;
    case 'usageLimited':
      runtime(world, threadId, 'quotaError', { code: 'usageLimit' });
      break;
    case 'budgetLimited':
      charge(world, goal, { charge: output(BUDGET - USED) });
      break;
    case 'complete':
      runtime(world, threadId, 'gatePassed', { code: 'completed' });
      break;
  }
  const now = world.goals.get(threadId);
  if (now?.status !== status) throw new Error(`The goal is ${String(now?.status)}.`);
  return now;
}

/** The protocol error `work` ends with, as its code, or null when it succeeds. */
export function codeOf(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      return error.code;
    }
    throw error;
  }
}
