import { notifications, requests, type UserInput } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { AT_MS, ITEM_ID, sampleItem, sampleTurn, THREAD_ID, TURN_ID } from './samples.js';

const input: UserInput[] = [{ type: 'text', text: 'Make the tests pass', text_elements: [] }];
const where = { threadId: THREAD_ID, turnId: TURN_ID, emittedAtMs: AT_MS };

const wrongInput = {
  'empty-input': {
    params: { threadId: THREAD_ID, expectedTurnId: TURN_ID, input: [] },
    why: 'something has to be said',
  },
  'input-of-unknown-kind': {
    params: {
      threadId: THREAD_ID,
      expectedTurnId: TURN_ID,
      input: [{ type: 'audio', url: 'https://example.org/a.mp3' }],
    },
    why: 'text and images are taken',
  },
  'text-element-before-the-text': {
    params: {
      threadId: THREAD_ID,
      expectedTurnId: TURN_ID,
      input: [
        {
          type: 'text',
          text: 'Hi',
          text_elements: [{ byteRange: { start: -1, end: 1 }, placeholder: null }],
        },
      ],
    },
    why: 'bytes are counted from 0',
  },
};

export const turnExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.turnStart,
    {
      minimal: { threadId: THREAD_ID, input: [{ type: 'text', text: 'Make the tests pass' }] },
      'with-images': {
        threadId: THREAD_ID,
        input: [
          { type: 'text', text: 'Make it look like this' },
          { type: 'localImage', path: 'design/start.png' },
          { type: 'image', url: 'https://example.org/a.png', detail: 'high' },
        ],
      },
      'as-a-goal': { threadId: THREAD_ID, input, goalMode: true, idempotencyKey: 'k-1' },
      'as-the-reference-client-sends-it': {
        threadId: THREAD_ID,
        input,
        clientUserMessageId: 'm-1',
        serviceTier: null,
        approvalPolicy: 'never',
        sandboxPolicy: { type: 'dangerFullAccess' },
      },
      confined: {
        threadId: THREAD_ID,
        input,
        sandboxPolicy: {
          type: 'workspaceWrite',
          writableRoots: ['/home/ada/fixtures'],
          networkAccess: false,
          excludeTmpdirEnvVar: false,
          excludeSlashTmp: false,
        },
      },
    },
    {
      ...wrongInput,
      'no-thread-id': { params: { input }, why: 'threadId is required' },
      'unknown-tier': {
        params: { threadId: THREAD_ID, input, serviceTier: 'flex' },
        why: 'no such service tier',
      },
      'input-a-string': {
        params: { threadId: THREAD_ID, input: 'Make the tests pass' },
        why: 'input is a list',
      },
      'unknown-sandbox-policy': {
        params: { threadId: THREAD_ID, input, sandboxPolicy: { type: 'none' } },
        why: 'no such sandbox policy',
      },
      'relative-writable-root': {
        params: {
          threadId: THREAD_ID,
          input,
          sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['fixtures'] },
        },
        why: 'a folder is an absolute path',
      },
    },
  ),
  examplesOf(
    requests.turnSteer,
    { minimal: { threadId: THREAD_ID, expectedTurnId: TURN_ID, input } },
    {
      ...wrongInput,
      'no-expected-turn': {
        params: { threadId: THREAD_ID, input },
        why: 'expectedTurnId is required: input must not land in another turn',
      },
    },
  ),
  examplesOf(
    requests.turnInterrupt,
    { minimal: { threadId: THREAD_ID, turnId: TURN_ID } },
    {
      'no-turn-id': { params: { threadId: THREAD_ID }, why: 'turnId is required' },
      'turn-id-a-number': { params: { threadId: THREAD_ID, turnId: 3 }, why: 'an id is a string' },
    },
  ),

  examplesOf(notifications.turnStarted, {
    minimal: { threadId: THREAD_ID, turn: sampleTurn, emittedAtMs: AT_MS },
  }),
  examplesOf(notifications.turnCompleted, {
    completed: {
      threadId: THREAD_ID,
      turn: {
        ...sampleTurn,
        status: 'completed',
        completedAt: AT_MS / 1000 + 8,
        durationMs: 8000,
      },
      emittedAtMs: AT_MS,
    },
    failed: {
      threadId: THREAD_ID,
      turn: {
        ...sampleTurn,
        status: 'failed',
        error: {
          message: 'The provider refuses the key.',
          codexErrorInfo: 'unauthorized',
          additionalDetails: null,
          misalignment: null,
        },
      },
      emittedAtMs: AT_MS,
    },
  }),
  examplesOf(notifications.turnDiffUpdated, {
    minimal: {
      ...where,
      diff: '--- a/index.js\n+++ b/index.js\n@@ -1 +1 @@\n-var a;\n+let a;\n',
    },
  }),
  examplesOf(notifications.turnPlanUpdated, {
    minimal: {
      ...where,
      explanation: null,
      plan: [
        { step: 'Reproduce it', status: 'completed' },
        { step: 'Fix it', status: 'inProgress' },
        { step: 'Run the tests', status: 'pending' },
      ],
    },
  }),
  examplesOf(notifications.turnError, {
    retried: {
      ...where,
      error: {
        message: 'The provider is overloaded.',
        codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: 503 } },
        additionalDetails: '503 Service Unavailable',
        misalignment: null,
      },
      willRetry: true,
    },
  }),

  examplesOf(notifications.itemStarted, {
    'a-command': {
      ...where,
      item: { ...sampleItem, status: 'inProgress', exitCode: null, durationMs: null },
      startedAtMs: AT_MS,
    },
  }),
  examplesOf(notifications.itemCompleted, {
    'a-command': { ...where, item: sampleItem, completedAtMs: AT_MS },
    'a-message': {
      ...where,
      item: {
        type: 'agentMessage',
        id: ITEM_ID,
        text: 'The tests pass.',
        phase: 'final_answer',
        moderation: null,
        memoryCitation: null,
        delivery: null,
        questions: null,
      },
      completedAtMs: AT_MS,
    },
    'a-patch': {
      ...where,
      item: {
        type: 'fileChange',
        id: ITEM_ID,
        changes: [{ path: 'index.js', kind: { type: 'update', move_path: null }, diff: '@@' }],
        status: 'completed',
      },
      completedAtMs: AT_MS,
    },
    'what-the-user-said': {
      ...where,
      item: { type: 'userMessage', id: ITEM_ID, clientId: null, content: input },
      completedAtMs: AT_MS,
    },
    'a-tool-call': {
      ...where,
      item: {
        type: 'dynamicToolCall',
        id: ITEM_ID,
        namespace: null,
        tool: 'read_file',
        arguments: { path: 'index.js' },
        status: 'completed',
        contentItems: [{ type: 'inputText', text: "'use strict';" }],
        success: true,
        durationMs: 2,
      },
      completedAtMs: AT_MS,
    },
    plan: {
      ...where,
      item: { type: 'plan', id: ITEM_ID, text: '1. Read the parser\n2. Fix it\n' },
      completedAtMs: AT_MS,
    },
    reasoning: {
      ...where,
      item: { type: 'reasoning', id: ITEM_ID, summary: ['Look at the parser'], content: [] },
      completedAtMs: AT_MS,
    },
  }),
  ...[
    notifications.agentMessageDelta,
    notifications.planDelta,
    notifications.commandExecutionOutputDelta,
  ].map((message) =>
    examplesOf(message, { minimal: { ...where, itemId: ITEM_ID, delta: 'ok 1 parses' } }),
  ),
  examplesOf(notifications.reasoningSummaryTextDelta, {
    minimal: { ...where, itemId: ITEM_ID, delta: 'Look at', summaryIndex: 0 },
  }),
];
