import type { Goal, ThreadItem } from '@goald/protocol';

/** An active goal with these fields. */
export function goalOf(fields: Partial<Goal>): Goal {
  return {
    threadId: '0190b6a2-1111-7000-8000-0123456789ab',
    objective: 'Make the tests pass',
    status: 'active',
    tokenBudget: null,
    tokensUsed: 0,
    timeUsedSeconds: 0,
    createdAt: 1,
    updatedAt: 1,
    goalId: '0190b6a2-2222-7000-8000-0123456789cd',
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
    networkAccess: null,
    tokenCeiling: 2_000_000,
    usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
    costBudgetUsd: null,
    costUsd: null,
    timeBudgetSeconds: 14_400,
    maxTurns: 200,
    turnsUsed: 0,
    progress: null,
    nextActionAtMs: null,
    waitingFor: null,
    verified: false,
    revision: 1,
    ...fields,
  };
}

/** A command that has just been started. */
export function commandItem(id: string, command: string): ThreadItem {
  return {
    type: 'commandExecution',
    id,
    pluginId: null,
    scriptPath: null,
    command,
    cwd: '/',
    processId: null,
    source: 'agent',
    status: 'inProgress',
    commandActions: [],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
}
