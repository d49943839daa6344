import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import {
  approvalPolicySchema,
  emittedAtMsSchema,
  emptyResultSchema,
  mutationParams,
  pageParams,
  sandboxModeSchema,
  serviceTierSchema,
  sortDirectionSchema,
} from './common.js';
import { collaborationModeSchema } from './collaboration.js';
import { readStateSchema } from './read-state.js';
import {
  activePermissionProfileSchema,
  permissionProfileIdSchema,
  sandboxPolicySchema,
} from './sandbox.js';
import { threadConfigSchema } from './thread-config.js';
import { itemsViewSchema, turnSchema } from './turn.js';

export const threadStatusSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('notLoaded') }),
  z.object({ type: z.literal('idle') }),
  z.object({ type: z.literal('systemError') }),
  z.object({
    type: z.literal('active'),
    activeFlags: z.array(z.enum(['waitingOnApproval', 'waitingOnUserInput'])),
  }),
]);
export type ThreadStatus = z.infer<typeof threadStatusSchema>;

const gitInfoSchema = z.object({
  sha: z.string().nullable(),
  branch: z.string().nullable(),
  originUrl: z.string().nullable(),
});
export type GitInfo = z.infer<typeof gitInfoSchema>;

const UNIX_SECONDS = 'Unix seconds';

export const threadSchema = z.object({
  id: idSchema,
  sessionId: z.string(),
  name: z.string().nullable(),
  preview: z.string().describe('The first thing the user said, or the objective'),
  cwd: z.string().describe('Absolute path'),
  status: threadStatusSchema,
  createdAt: z.number().int().describe(UNIX_SECONDS),
  updatedAt: z.number().int().describe(UNIX_SECONDS),
  recencyAt: z.number().int().nullable().describe(UNIX_SECONDS),
  model: z.string().nullable(),
  modelProvider: z.string(),
  reasoningEffort: z.string().nullable(),
  cliVersion: z.string().describe('Version of the daemon that made the thread'),
  originator: z.string().nullable().describe('Name of the client that made the thread'),
  source: z.enum(['cli', 'vscode', 'exec', 'appServer', 'unknown']),
  gitInfo: gitInfoSchema.nullable(),
  turns: z
    .array(turnSchema)
    .describe('Filled by thread/resume, and by thread/read with includeTurns'),
  ephemeral: z.boolean(),
  historyMode: z.enum(['legacy', 'paginated']),
  canAcceptDirectInput: z.boolean().nullable(),
  path: z.string().nullable(),
  forkedFromId: z.string().nullable(),
  parentThreadId: z.string().nullable(),
  attachedToThreadId: z.string().nullable(),
  environments: z.array(z.unknown()).nullable(),
  extra: z.null(),
  section: z.null(),
  sectionEnteredAt: z.null(),
  projectId: z.string().nullable(),
  threadSource: z.string().nullable(),
  agentNickname: z.string().nullable(),
  agentRole: z.string().nullable(),
  daybreakEnabled: z.boolean().nullable(),
});
export type Thread = z.infer<typeof threadSchema>;

/** What thread/start and thread/resume both take. */
export const settingsParams = {
  model: z.string().min(1).nullish(),
  serviceTier: serviceTierSchema
    .nullish()
    .describe('priority or fast: sooner, and dearer; null: as fastMode in the configuration says'),
  cwd: z
    .string()
    .min(1)
    .nullish()
    .describe("Absolute path; the daemon's home folder is never a default"),
  approvalPolicy: approvalPolicySchema.nullish(),
  sandbox: sandboxModeSchema.nullish(),
  permissions: permissionProfileIdSchema
    .nullish()
    .describe('A sandbox by its name in permissionProfile/list; goes before `sandbox`'),
  developerInstructions: z
    .string()
    .max(100_000)
    .nullish()
    .describe('Added to the instructions of every turn'),
  config: threadConfigSchema.nullish(),
};

/** What thread/start and thread/resume both answer. */
export const settingsResult = {
  thread: threadSchema,
  model: z.string(),
  modelProvider: z.string(),
  serviceTier: z.string().nullable().describe('priority, or null for the standard tier'),
  disabledPluginIds: z.array(z.string()),
  cwd: z.string(),
  runtimeWorkspaceRoots: z.array(z.string()),
  instructionSources: z.array(z.string()).describe('Instruction files the agent reads, root first'),
  approvalPolicy: approvalPolicySchema,
  approvalsReviewer: z.literal('user'),
  sandbox: sandboxPolicySchema.describe('What is in force'),
  sandboxNotice: z
    .string()
    .nullable()
    .describe('What a person should know of it, such as that this machine cannot confine commands'),
  activePermissionProfile: activePermissionProfileSchema,
  reasoningEffort: z.string().nullable(),
  multiAgentMode: z.literal('explicitRequestOnly'),
};

export const threadStart = defineRequest({
  method: 'thread/start',
  summary: 'Makes a thread for a folder and subscribes this connection to it.',
  params: z.object({
    ...settingsParams,
    serviceName: z.string().max(200).nullish(),
    threadSource: z.string().max(200).nullish(),
    ephemeral: z.boolean().nullish().describe('true is refused: goald keeps every thread'),
    ...mutationParams,
  }),
  result: z.object(settingsResult),
  errors: ['sandbox_unavailable', 'feature_disabled'],
  mutation: true,
});

const turnsPageSchema = z.object({
  data: z.array(turnSchema),
  nextCursor: z.string().nullable(),
  backwardsCursor: z.string().nullable(),
});

export const threadResume = defineRequest({
  method: 'thread/resume',
  summary: 'Attaches to a stored thread: subscribes this connection and answers its history.',
  params: z.object({
    threadId: idSchema,
    ...settingsParams,
    excludeTurns: z.boolean().nullish(),
    initialTurnsPage: z
      .object({
        limit: pageParams.limit,
        sortDirection: sortDirectionSchema.nullish(),
        itemsView: itemsViewSchema.nullish(),
      })
      .nullish(),
    ...mutationParams,
  }),
  result: z.object({
    ...settingsResult,
    collaborationMode: collaborationModeSchema,
    initialTurnsPage: turnsPageSchema.nullable(),
    turnsBackwardsCursor: z.string().nullable(),
    itemsBackwardsCursor: z.string().nullable(),
  }),
  errors: ['thread_not_found', 'sandbox_unavailable', 'feature_disabled'],
  mutation: true,
});

export const threadRead = defineRequest({
  method: 'thread/read',
  summary: 'One thread, with its turns if asked. Does not subscribe.',
  params: z.object({ threadId: idSchema, includeTurns: z.boolean().nullish() }),
  result: z.object({
    thread: threadSchema,
    readState: readStateSchema.nullable().describe('null: there is nothing to read yet'),
  }),
  errors: ['thread_not_found'],
});

export const THREAD_SORT_KEYS = [
  'created_at',
  'updated_at',
  'recency_at',
  'section_position',
] as const;

const ids = z.array(z.string().max(200)).max(1000);

export const threadList = defineRequest({
  method: 'thread/list',
  summary:
    'Stored threads, newest first unless asked otherwise. Archived ones only when asked for.',
  params: z.object({
    ...pageParams,
    sortKey: z.enum(THREAD_SORT_KEYS).nullish(),
    sortDirection: sortDirectionSchema.nullish(),
    archived: z.boolean().nullish(),
    cwd: z
      .union([z.string(), z.array(z.string())])
      .nullish()
      .describe('Exact folder or folders'),
    searchTerm: z.string().max(500).nullish().describe('Part of the name or preview, any case'),
    excludedThreadIds: ids.nullish(),
    modelProviders: ids.nullish().describe('None or []: any'),
    sourceKinds: ids
      .nullish()
      .describe(
        'None or []: any. Threads of goald are vscode, as the reference names those of its clients',
      ),
    originators: ids.nullish().describe('Names of the clients that made them. None or []: any'),
    sectionId: idSchema.nullish().describe('Threads have no sections: none is in one'),
    projectId: idSchema.nullish().describe('Threads have no projects: none is in one'),
    parentThreadId: idSchema.nullish().describe('No thread has a parent'),
    ancestorThreadId: idSchema.nullish(),
    attachedToThreadId: idSchema.nullish(),
  }),
  result: z.object({
    data: z.array(threadSchema),
    readStates: z
      .record(idSchema, readStateSchema)
      .describe(
        'Of the threads of this page, by their ids; without those that have nothing to read',
      ),
    nextCursor: z.string().nullable(),
    backwardsCursor: z.string().nullable(),
  }),
});

export const threadLoadedList = defineRequest({
  method: 'thread/loaded/list',
  summary: 'Ids of the threads that have a subscriber, a turn in flight or an active goal.',
  params: z.object(pageParams),
  result: z.object({ data: z.array(idSchema), nextCursor: z.string().nullable() }),
});

export const threadTurnsList = defineRequest({
  method: 'thread/turns/list',
  summary: 'The turns of a thread, newest first unless asked otherwise.',
  params: z.object({
    threadId: idSchema,
    ...pageParams,
    sortDirection: sortDirectionSchema.nullish(),
    itemsView: itemsViewSchema.nullish().describe('Default summary: user and final agent messages'),
  }),
  result: turnsPageSchema,
  errors: ['thread_not_found'],
});

export const threadNameSet = defineRequest({
  method: 'thread/name/set',
  summary: 'Gives a thread a title.',
  params: z.object({
    threadId: idSchema,
    name: z.string().trim().min(1).max(2000),
    ...mutationParams,
  }),
  result: emptyResultSchema,
  errors: ['thread_not_found'],
  mutation: true,
});

export const threadArchive = defineRequest({
  method: 'thread/archive',
  summary: 'Puts a thread away. Its active goal is paused first.',
  params: z.object({ threadId: idSchema, ...mutationParams }),
  result: emptyResultSchema,
  errors: ['thread_not_found'],
  mutation: true,
});

export const threadUnarchive = defineRequest({
  method: 'thread/unarchive',
  summary: 'Takes an archived thread back.',
  params: z.object({ threadId: idSchema, ...mutationParams }),
  result: z.object({ thread: threadSchema }),
  errors: ['thread_not_found'],
  mutation: true,
});

export const threadDelete = defineRequest({
  method: 'thread/delete',
  summary: 'Removes a thread and its goal. Its events stay in the log.',
  params: z.object({ threadId: idSchema, ...mutationParams }),
  result: emptyResultSchema,
  errors: ['thread_not_found'],
  mutation: true,
});

export const THREAD_UNSUBSCRIBE_STATUSES = ['notLoaded', 'notSubscribed', 'unsubscribed'] as const;

export const threadUnsubscribe = defineRequest({
  method: 'thread/unsubscribe',
  summary: "Stops this connection's turn and item notifications of a thread.",
  params: z.object({ threadId: idSchema }),
  result: z.object({ status: z.enum(THREAD_UNSUBSCRIBE_STATUSES) }),
});

const where = { threadId: idSchema, emittedAtMs: emittedAtMsSchema };

export const threadStarted = defineNotification({
  method: 'thread/started',
  summary: 'A thread was made.',
  params: z.object({ thread: threadSchema, emittedAtMs: emittedAtMsSchema }),
});

export const threadStatusChanged = defineNotification({
  method: 'thread/status/changed',
  summary: 'A thread became active or idle.',
  params: z.object({ ...where, status: threadStatusSchema }),
});

export const threadNameUpdated = defineNotification({
  method: 'thread/name/updated',
  summary: 'A thread has a new title.',
  params: z.object({ ...where, threadName: z.string().optional() }),
});

export const threadArchived = defineNotification({
  method: 'thread/archived',
  summary: 'A thread was put away.',
  params: z.object(where),
});

export const threadUnarchived = defineNotification({
  method: 'thread/unarchived',
  summary: 'A thread was taken back.',
  params: z.object(where),
});

export const threadDeleted = defineNotification({
  method: 'thread/deleted',
  summary: 'A thread was removed.',
  params: z.object(where),
});

export const threadClosed = defineNotification({
  method: 'thread/closed',
  summary: 'A thread is no longer loaded: it was archived or deleted.',
  params: z.object(where),
});

const tokenBreakdownSchema = z.object({
  totalTokens: z.number().int(),
  inputTokens: z.number().int(),
  cachedInputTokens: z.number().int(),
  cacheWriteInputTokens: z.number().int(),
  outputTokens: z.number().int(),
  reasoningOutputTokens: z.number().int(),
});

export const threadTokenUsageUpdated = defineNotification({
  method: 'thread/tokenUsage/updated',
  summary: 'Tokens the thread has used, after a model request was charged.',
  params: z.object({
    ...where,
    turnId: idSchema,
    tokenUsage: z.object({
      total: tokenBreakdownSchema,
      last: tokenBreakdownSchema,
      modelContextWindow: z.number().int().nullable(),
    }),
  }),
});
