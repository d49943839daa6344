import type { Goal, GoalEvent, Thread, ThreadItem, Turn } from '@goald/protocol';

// Whole objects the examples share.

export const THREAD_ID = '0199f2a0-5b7c-7c11-9d3e-2f6a1c4b8e01';
export const TURN_ID = '0199f2a0-6c11-7a52-8f0d-91c2b3a4d502';
export const ITEM_ID = '0199f2a0-6d20-7b63-9a1e-a2d3c4b5e603';
export const GOAL_ID = '0199f2a0-5c8d-7d22-8e4f-3a7b2d5c9f04';
export const SUBSCRIPTION_ID = '0199f2a0-7e31-7c74-8b2f-b3e4d5c6f705';
export const AT_MS = 1_790_000_000_000;
const AT = AT_MS / 1000;

export const sampleTurn: Turn = {
  id: TURN_ID,
  rootTurnId: null,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: AT,
  completedAt: null,
  durationMs: null,
};

export const sampleThread: Thread = {
  id: THREAD_ID,
  sessionId: THREAD_ID,
  name: 'Fix the parser',
  preview: 'Make the tests pass',
  cwd: '/home/ada/minimist',
  status: { type: 'idle' },
  createdAt: AT,
  updatedAt: AT,
  recencyAt: AT,
  model: 'gpt-5.1-codex',
  modelProvider: 'openai',
  reasoningEffort: null,
  cliVersion: '0.1.0',
  originator: 'goal',
  source: 'vscode',
  gitInfo: { sha: '6901ee286bc4c16da6830b48b46ce1574703cea1', branch: 'main', originUrl: null },
  turns: [],
  ephemeral: false,
  historyMode: 'legacy',
  canAcceptDirectInput: true,
  path: null,
  forkedFromId: null,
  parentThreadId: null,
  attachedToThreadId: null,
  environments: null,
  extra: null,
  section: null,
  sectionEnteredAt: null,
  projectId: null,
  threadSource: null,
  agentNickname: null,
  agentRole: null,
  daybreakEnabled: null,
};

export const sampleGoal: Goal = {
  threadId: THREAD_ID,
  objective: 'Make the tests pass',
  status: 'active',
  tokenBudget: 50_000,
  tokensUsed: 12_480,
  timeUsedSeconds: 94,
  createdAt: AT,
  updatedAt: AT + 94,
  goalId: GOAL_ID,
  phase: 'acting',
  statusReason: null,
  requirements: ['No new dependency'],
  constraints: { paths: { allow: [], deny: ['package-lock.json'] }, notes: ['Keep the style'] },
  verification: [{ name: 'tests', command: 'npm test', timeoutSeconds: 600 }],
  role: null,
  isolation: 'inPlace',
  planning: 'off',
  approvalPolicy: null,
  sandbox: null,
  networkAccess: null,
  tokenCeiling: 2_000_000,
  usage: { input: 40_200, cachedInput: 30_100, output: 2380, reasoning: 900 },
  costBudgetUsd: null,
  costUsd: null,
  timeBudgetSeconds: 14_400,
  maxTurns: 200,
  turnsUsed: 3,
  progress: { summary: 'The failing case is reproduced', percent: 40 },
  nextActionAtMs: null,
  waitingFor: null,
  verified: false,
  revision: 7,
};

export const sampleItem: Extract<ThreadItem, { type: 'commandExecution' }> = {
  type: 'commandExecution',
  id: ITEM_ID,
  pluginId: null,
  scriptPath: null,
  command: 'npm test',
  cwd: '/home/ada/minimist',
  processId: '48112',
  source: 'agent',
  status: 'completed',
  commandActions: [{ type: 'unknown', command: 'npm test' }],
  aggregatedOutput: '# tests 141\n# pass 141\n',
  exitCode: 0,
  durationMs: 1820,
};

export const sampleEvent: GoalEvent = {
  seq: 4182,
  atMs: AT_MS,
  type: 'goal.statusChanged',
  threadId: THREAD_ID,
  goalId: GOAL_ID,
  turnId: TURN_ID,
  revision: 8,
  data: { from: 'active', to: 'complete' },
};
