import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples, type RefusedExample } from './define.js';
import { AT_MS, sampleThread, THREAD_ID, TURN_ID } from './samples.js';

const noThreadId: RefusedExample = { params: {}, why: 'threadId is required' };
const emptyThreadId: RefusedExample = {
  params: { threadId: '' },
  why: 'an id has at least one character',
};
const needsThread = { 'no-thread-id': noThreadId, 'empty-thread-id': emptyThreadId };

const tokens = {
  totalTokens: 42_580,
  inputTokens: 40_200,
  cachedInputTokens: 30_100,
  cacheWriteInputTokens: 0,
  outputTokens: 2380,
  reasoningOutputTokens: 900,
};

export const threadExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.threadStart,
    {
      minimal: {},
      'in-a-folder': { cwd: '/home/ada/minimist' },
      'with-everything': {
        cwd: '/home/ada/minimist',
        model: 'gpt-5.1-codex',
        serviceTier: 'fast',
        approvalPolicy: 'never',
        sandbox: 'workspace-write',
        developerInstructions: 'Write the changelog, too.',
        serviceName: 'nightly',
        threadSource: 'user',
        idempotencyKey: 'start-2026-09-21',
      },
      'with-mcp-servers': {
        cwd: '/home/ada/minimist',
        config: {
          mcp_servers: {
            memory: { command: 'mcp-server-memory', env: { MEMORY_FILE_PATH: '/tmp/graph.jsonl' } },
          },
          'mcp_servers.docs': { url: 'https://docs.example.com/mcp' },
        },
      },
    },
    {
      'token-in-the-open': {
        params: { config: { mcp_servers: { docs: { url: 'https://h/', bearer_token: 't' } } } },
        why: 'the variable that holds the token is named in bearer_token_env_var',
      },
      'unknown-sandbox': { params: { sandbox: 'none' }, why: 'no such sandbox mode' },
      'unknown-approval-policy': {
        params: { approvalPolicy: 'always' },
        why: 'no such approval policy',
      },
      'empty-folder': { params: { cwd: '' }, why: 'a folder has a name' },
      'empty-key': { params: { idempotencyKey: '' }, why: 'a key has at least one character' },
    },
  ),
  examplesOf(
    requests.threadResume,
    {
      minimal: { threadId: THREAD_ID },
      'without-mcp-servers-of-its-own': { threadId: THREAD_ID, config: { mcp_servers: {} } },
      'newest-page-of-turns': {
        threadId: THREAD_ID,
        excludeTurns: true,
        initialTurnsPage: { limit: 20, sortDirection: 'desc', itemsView: 'summary' },
      },
    },
    {
      ...needsThread,
      'page-too-large': {
        params: { threadId: THREAD_ID, initialTurnsPage: { limit: 1001 } },
        why: 'a page has at most 1000 entries',
      },
      'unknown-items-view': {
        params: { threadId: THREAD_ID, initialTurnsPage: { itemsView: 'all' } },
        why: 'no such view',
      },
    },
  ),
  examplesOf(
    requests.threadRead,
    { minimal: { threadId: THREAD_ID }, 'with-turns': { threadId: THREAD_ID, includeTurns: true } },
    {
      ...needsThread,
      'include-turns-not-boolean': {
        params: { threadId: THREAD_ID, includeTurns: 'yes' },
        why: 'includeTurns is a boolean',
      },
    },
  ),
  examplesOf(
    requests.threadList,
    {
      minimal: {},
      'of-two-folders': {
        cwd: ['/home/ada/minimist', '/home/ada/tape'],
        archived: false,
        sortKey: 'updated_at',
        sortDirection: 'asc',
        searchTerm: 'parser',
        limit: 25,
      },
    },
    {
      'limit-zero': { params: { limit: 0 }, why: 'a page has at least one entry' },
      'unknown-sort-key': { params: { sortKey: 'name' }, why: 'no such sort key' },
      'folder-a-number': { params: { cwd: 7 }, why: 'cwd is a folder or a list of folders' },
    },
  ),
  examplesOf(
    requests.threadLoadedList,
    { minimal: {}, 'next-page': { cursor: 'eyJvIjoyNX0', limit: 25 } },
    {
      'limit-not-whole': { params: { limit: 1.5 }, why: 'limit is a whole number' },
      'empty-cursor': { params: { cursor: '' }, why: 'a cursor is never empty' },
    },
  ),
  examplesOf(
    requests.threadTurnsList,
    {
      minimal: { threadId: THREAD_ID },
      'whole-items-oldest-first': { threadId: THREAD_ID, itemsView: 'full', sortDirection: 'asc' },
    },
    {
      ...needsThread,
      'unknown-direction': {
        params: { threadId: THREAD_ID, sortDirection: 'up' },
        why: 'asc or desc',
      },
    },
  ),
  examplesOf(
    requests.threadNameSet,
    { minimal: { threadId: THREAD_ID, name: 'Fix the parser' } },
    {
      'no-name': { params: { threadId: THREAD_ID }, why: 'name is required' },
      'empty-name': { params: { threadId: THREAD_ID, name: '' }, why: 'a name has text' },
      'only-spaces': {
        params: { threadId: THREAD_ID, name: '   ' },
        why: 'a name has text; spaces around it do not count',
        beyondSchema: true,
      },
      'name-too-long': {
        params: { threadId: THREAD_ID, name: 'x'.repeat(2001) },
        why: 'a name has at most 2000 characters',
      },
    },
  ),
  ...[
    requests.threadArchive,
    requests.threadUnarchive,
    requests.threadDelete,
    requests.threadUnsubscribe,
  ].map((message) => examplesOf(message, { minimal: { threadId: THREAD_ID } }, needsThread)),

  examplesOf(notifications.threadStarted, {
    minimal: { thread: sampleThread, emittedAtMs: AT_MS },
  }),
  examplesOf(notifications.threadStatusChanged, {
    idle: { threadId: THREAD_ID, status: { type: 'idle' }, emittedAtMs: AT_MS },
    active: {
      threadId: THREAD_ID,
      status: { type: 'active', activeFlags: ['waitingOnApproval'] },
      emittedAtMs: AT_MS,
    },
  }),
  examplesOf(notifications.threadNameUpdated, {
    minimal: { threadId: THREAD_ID, threadName: 'Fix the parser', emittedAtMs: AT_MS },
  }),
  ...[
    notifications.threadArchived,
    notifications.threadUnarchived,
    notifications.threadDeleted,
    notifications.threadClosed,
  ].map((message) => examplesOf(message, { minimal: { threadId: THREAD_ID, emittedAtMs: AT_MS } })),
  examplesOf(notifications.threadTokenUsageUpdated, {
    minimal: {
      threadId: THREAD_ID,
      turnId: TURN_ID,
      tokenUsage: { total: tokens, last: tokens, modelContextWindow: 272_000 },
      emittedAtMs: AT_MS,
    },
  }),
];
