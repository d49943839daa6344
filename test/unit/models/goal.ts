import type { Goal } from '@goald/protocol';

/** A goal that is active and has just begun. */
export function goalWith(changes: Partial<Goal> = {}): Goal {
  return {
    threadId: 't',
    goalId: 'g',
    objective: 'Make the tests pass',
    status: 'active',
    phase: 'acting',
    statusReason: null,
    requirements: [],
    constraints: { paths: { allow: [], deny: [] }, notes: [] },
    verification: [],
    role: null,
    isolation: 'inPlace',
    planning: 'off',
    approvalPolicy: null,
    sandbox: null,
    tokenBudget: 100_000,
    tokenCeiling: 2_000_000,
    tokensUsed: 0,
    usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
    costBudgetUsd: null,
    costUsd: null,
    timeBudgetSeconds: 14_400,
    timeUsedSeconds: 0,
    maxTurns: 200,
    turnsUsed: 0,
    progress: null,
    nextActionAtMs: null,
    waitingFor: null,
    verified: false,
    revision: 1,
    createdAt: 1,
    updatedAt: 1,
    ...changes,
  };
}
