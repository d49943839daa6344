import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples, type RefusedExample } from './define.js';
import { AT_MS, ITEM_ID, THREAD_ID, TURN_ID } from './samples.js';

const threadId = THREAD_ID;
const noThread: Readonly<Record<string, RefusedExample>> = {
  'no-thread-id': { params: {}, why: 'threadId is required' },
  'thread-id-empty': { params: { threadId: '' }, why: 'an id has at least one character' },
};
const badPage: Readonly<Record<string, RefusedExample>> = {
  'no-thread-id': { params: {}, why: 'threadId is required' },
  'limit-too-large': {
    params: { threadId, limit: 1001 },
    why: 'a page has at most 1000 entries',
  },
};

export const threadActionExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.threadFork,
    {
      minimal: { threadId },
      'up-to-a-turn': { threadId, lastTurnId: TURN_ID, excludeTurns: true },
    },
    noThread,
  ),
  examplesOf(requests.threadCompactStart, { minimal: { threadId } }, noThread),
  examplesOf(
    requests.threadShellCommand,
    { minimal: { threadId, command: 'git status' } },
    {
      'no-command': { params: { threadId }, why: 'command is required' },
      'timeout-too-long': {
        params: { threadId, command: 'true', timeoutMs: 3_600_001 },
        why: 'an hour at most',
      },
    },
  ),
  examplesOf(
    requests.threadSettingsUpdate,
    {
      model: { threadId, model: 'gpt-5.1-codex-mini' },
      sandbox: { threadId, sandboxPolicy: { type: 'readOnly', networkAccess: false } },
      'plan-mode': {
        threadId,
        collaborationMode: { mode: 'plan', settings: { model: 'gpt-5.1-codex-mini' } },
      },
    },
    {
      'unknown-mode': {
        params: { threadId, collaborationMode: { mode: 'sideways', settings: { model: 'm' } } },
        why: 'a thread plans or works',
      },
      'no-thread-id': { params: { model: 'm' }, why: 'threadId is required' },
      'unknown-sandbox': {
        params: { threadId, sandboxPolicy: { type: 'open' } },
        why: 'no such sandbox',
      },
    },
  ),
  examplesOf(
    requests.turnSettingsUpdate,
    { model: { threadId, turnId: TURN_ID, model: 'gpt-5.1-codex-mini' } },
    {
      'no-turn-id': { params: { threadId }, why: 'turnId is required' },
      'model-empty': {
        params: { threadId, turnId: TURN_ID, model: '' },
        why: 'a model has a name',
      },
    },
  ),
  examplesOf(
    requests.threadItemsList,
    {
      minimal: { threadId },
      'behind-an-item': { threadId, cursor: { type: 'item', itemId: ITEM_ID }, limit: 100 },
      'of-a-turn': { threadId, turnId: TURN_ID, sortDirection: 'asc' },
    },
    badPage,
  ),
  examplesOf(
    requests.threadItemsRead,
    { one: { threadId, turnId: TURN_ID, itemIds: [ITEM_ID] } },
    {
      'no-turn-id': { params: { threadId, itemIds: [] }, why: 'turnId is required' },
      'ids-as-text': {
        params: { threadId, turnId: TURN_ID, itemIds: ITEM_ID },
        why: 'itemIds is a list',
      },
    },
  ),
  examplesOf(requests.threadBackgroundTerminalsList, { minimal: { threadId } }, badPage),
  examplesOf(
    requests.threadBackgroundTerminalsClean,
    { minimal: { threadId } },
    {
      'no-thread': { params: {}, why: 'threadId is required' },
      'unknown-origin': {
        params: { threadId, origin: 'model' },
        why: 'an origin is user or automatic',
      },
    },
  ),
  examplesOf(
    requests.threadBackgroundTerminalsTerminate,
    { one: { threadId, processId: '1' } },
    {
      'no-process': { params: { threadId }, why: 'processId is required' },
      'process-as-number': { params: { threadId, processId: 1 }, why: 'processId is text' },
    },
  ),
  examplesOf(
    requests.reviewStart,
    {
      uncommitted: { threadId, target: { type: 'uncommittedChanges' }, delivery: 'inline' },
      'a-commit': { threadId, target: { type: 'commit', sha: 'a1b2c3d', title: 'Fix the parser' } },
    },
    {
      'no-target': { params: { threadId }, why: 'target says what is reviewed' },
      'unknown-target': { params: { threadId, target: { type: 'all' } }, why: 'no such target' },
    },
  ),
  examplesOf(
    requests.commandExec,
    { diff: { command: ['git', 'diff', '--color'], cwd: '/home/ada/minimist', timeoutMs: 30_000 } },
    {
      'no-command': { params: { command: [] }, why: 'command names a program' },
      'command-as-text': {
        params: { command: 'git diff' },
        why: 'program and arguments are a list',
      },
    },
  ),
  examplesOf(notifications.threadSettingsUpdated, {
    model: {
      threadId,
      threadSettings: {
        disabledPluginIds: [],
        cwd: '/home/ada/minimist',
        environments: null,
        approvalPolicy: 'never',
        approvalsReviewer: 'user',
        sandboxPolicy: { type: 'readOnly', networkAccess: false },
        activePermissionProfile: null,
        model: 'gpt-5.1-codex-mini',
        modelProvider: 'openai',
        serviceTier: null,
        effort: null,
        summary: null,
        collaborationMode: {
          mode: 'default',
          settings: {
            model: 'gpt-5.1-codex-mini',
            reasoning_effort: null,
            developer_instructions: null,
          },
        },
        multiAgentMode: 'explicitRequestOnly',
        personality: null,
      },
      emittedAtMs: AT_MS,
    },
  }),
];
