import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { AT_MS, sampleGoal, THREAD_ID, TURN_ID } from './samples.js';

const threadId = THREAD_ID;

const wrongOnAnyGoalChange = {
  'no-thread-id': { params: {}, why: 'threadId is required' },
  'revision-not-whole': {
    params: { threadId, expectedRevision: 1.5 },
    why: 'a revision is a whole number',
  },
  'unknown-origin': { params: { threadId, origin: 'model' }, why: 'user or automatic' },
};

export const goalExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.threadGoalGet,
    { minimal: { threadId } },
    {
      'no-thread-id': { params: {}, why: 'threadId is required' },
      'thread-id-null': { params: { threadId: null }, why: 'threadId is a string' },
    },
  ),
  examplesOf(
    requests.threadGoalSet,
    {
      minimal: { threadId, objective: 'Make the tests pass' },
      'as-the-reference-client-sends-it': {
        threadId,
        objective: 'Make the tests pass',
        status: 'active',
        tokenBudget: null,
        origin: 'user',
      },
      'with-verification': {
        threadId,
        objective: 'Make the tests pass',
        verification: [
          { name: 'tests', command: 'npm test' },
          { name: 'types', command: 'npx tsc --noEmit', timeoutSeconds: 120 },
        ],
      },
      'with-everything': {
        threadId,
        objective: 'Make the tests pass',
        requirements: ['No new dependency'],
        constraints: { paths: { allow: ['src/**'], deny: ['**/*.lock'] }, notes: ['Small steps'] },
        verification: [{ name: 'tests', command: 'npm test', timeoutSeconds: 600 }],
        role: 'maintainer',
        isolation: 'inPlace',
        planning: 'off',
        approvalPolicy: 'never',
        sandbox: 'danger-full-access',
        tokenBudget: 50_000,
        costBudgetUsd: 2.5,
        timeBudgetSeconds: 7200,
        maxTurns: 40,
        expectedRevision: 7,
        idempotencyKey: 'set-1',
      },
      'budget-removed': { threadId, tokenBudget: null },
      'constraints-in-part': { threadId, constraints: { notes: ['Small steps'] } },
    },
    {
      ...wrongOnAnyGoalChange,
      'unknown-status': { params: { threadId, status: 'done' }, why: 'no such status' },
      'objective-not-text': { params: { threadId, objective: 42 }, why: 'an objective is text' },
      'budget-as-text': { params: { threadId, tokenBudget: '50k' }, why: 'a budget is a number' },
      'verification-without-command': {
        params: { threadId, verification: [{ name: 'tests' }] },
        why: 'a verification has a command',
      },
      'verification-command-empty': {
        params: { threadId, verification: [{ name: 'tests', command: '' }] },
        why: 'a verification has a command',
      },
      'verification-timeout-too-long': {
        params: { threadId, verification: [{ name: 't', command: 'x', timeoutSeconds: 7201 }] },
        why: 'a verification runs at most two hours',
      },
      'verification-retries-too-many': {
        params: { threadId, verification: [{ name: 't', command: 'x', retries: 11 }] },
        why: 'a command is tried again at most ten times',
      },
      'path-pattern-empty': {
        params: { threadId, constraints: { paths: { deny: [''] } } },
        why: 'a pattern has text',
      },
      'too-many-verifications': {
        params: {
          threadId,
          verification: Array.from({ length: 21 }, () => ({ name: 't', command: 'true' })),
        },
        why: 'a goal has at most 20 verification commands',
      },
      'requirement-empty': {
        params: { threadId, requirements: [''] },
        why: 'a requirement has text',
      },
      'unknown-isolation': {
        params: { threadId, isolation: 'container' },
        why: 'no such isolation',
      },
      'unknown-planning': {
        params: { threadId, planning: 'always' },
        why: 'no such planning mode',
      },
    },
  ),
  examplesOf(
    requests.threadGoalPause,
    {
      minimal: { threadId },
      'if-unchanged': { threadId, expectedRevision: 7, origin: 'automatic' },
    },
    wrongOnAnyGoalChange,
  ),
  examplesOf(
    requests.threadGoalResume,
    {
      minimal: { threadId },
      'with-more-budget': {
        threadId,
        addTokens: 50_000,
        addSeconds: 3600,
        addCostUsd: 1.5,
        addTurns: 20,
        idempotencyKey: 'resume-1',
      },
    },
    {
      ...wrongOnAnyGoalChange,
      'tokens-as-text': { params: { threadId, addTokens: '50k' }, why: 'addTokens is a number' },
    },
  ),
  examplesOf(
    requests.threadGoalClear,
    { minimal: { threadId }, 'by-a-program': { threadId, origin: 'automatic' } },
    wrongOnAnyGoalChange,
  ),
  examplesOf(notifications.threadGoalUpdated, {
    active: { threadId, turnId: TURN_ID, goal: sampleGoal, emittedAtMs: AT_MS },
    complete: {
      threadId,
      turnId: null,
      goal: {
        ...sampleGoal,
        status: 'complete',
        phase: null,
        statusReason: {
          code: 'completed',
          message: 'Every verification command passed.',
          detail: null,
          atMs: AT_MS,
        },
        verified: true,
      },
      emittedAtMs: AT_MS,
    },
  }),
  examplesOf(notifications.threadGoalCleared, { minimal: { threadId, emittedAtMs: AT_MS } }),
];
