import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { askedCollaborationModeSchema, collaborationModeSchema } from './collaboration.js';
import {
  approvalPolicySchema,
  emittedAtMsSchema,
  emptyResultSchema,
  mutationParams,
  pageParams,
  serviceTierSchema,
  sortDirectionSchema,
} from './common.js';
import { originSchema } from './goal.js';
import { threadItemSchema } from './item.js';
import {
  activePermissionProfileSchema,
  askedSandboxPolicySchema,
  permissionProfileIdSchema,
  sandboxPolicySchema,
} from './sandbox.js';
import { settingsParams, settingsResult } from './thread.js';

export const threadFork = defineRequest({
  method: 'thread/fork',
  summary:
    'Makes a thread that begins with the history of another, and subscribes to it. Turns that are over are copied; a goal is not.',
  params: z.object({
    threadId: idSchema,
    ...settingsParams,
    lastTurnId: idSchema
      .nullish()
      .describe('Copy up to this turn; default: the last one that is over'),
    beforeTurnId: idSchema.nullish().describe('Copy the turns before this one'),
    threadSource: z.string().max(200).nullish(),
    excludeTurns: z.boolean().nullish().describe('Leave the turns out of the answer'),
    ephemeral: z.boolean().nullish().describe('true is refused: goald keeps every thread'),
    ...mutationParams,
  }),
  result: z.object(settingsResult),
  errors: ['thread_not_found', 'turn_not_found', 'sandbox_unavailable', 'feature_disabled'],
  mutation: true,
});

export const threadCompactStart = defineRequest({
  method: 'thread/compact/start',
  summary:
    'Compacts what the model reads of a thread: in a turn of its own, or before the next request of the turn in flight.',
  params: z.object({ threadId: idSchema, origin: originSchema.nullish(), ...mutationParams }),
  result: emptyResultSchema,
  errors: ['thread_not_found', 'turn_not_steerable', 'policy_refused'],
  mutation: true,
});

export const threadShellCommand = defineRequest({
  method: 'thread/shellCommand',
  summary:
    'Runs a command of the user, without a sandbox, in a turn of its own; the model reads its output with what it is asked next.',
  params: z.object({
    threadId: idSchema,
    command: z.string().trim().min(1).max(100_000),
    timeoutMs: z.number().int().min(0).max(3_600_000).nullish().describe('Default: an hour'),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: emptyResultSchema,
  errors: ['thread_not_found', 'turn_not_steerable', 'policy_refused'],
  mutation: true,
});

export const threadSettingsUpdate = defineRequest({
  method: 'thread/settings/update',
  summary: 'Changes what the next turns of a thread work with.',
  params: z.object({
    threadId: idSchema,
    model: z.string().min(1).nullish(),
    serviceTier: serviceTierSchema
      .nullish()
      .describe('absent: keep; null: as the configuration says'),
    cwd: z.string().min(1).nullish().describe('Absolute path'),
    approvalPolicy: approvalPolicySchema.nullish(),
    sandboxPolicy: askedSandboxPolicySchema.nullish(),
    permissions: permissionProfileIdSchema
      .nullish()
      .describe('A sandbox by its name in permissionProfile/list'),
    collaborationMode: askedCollaborationModeSchema.nullish(),
    ...mutationParams,
  }),
  result: emptyResultSchema,
  errors: ['thread_not_found', 'sandbox_unavailable', 'feature_disabled'],
  mutation: true,
});

export const threadSettingsUpdated = defineNotification({
  method: 'thread/settings/updated',
  summary: 'The settings of a thread were changed, by thread/settings/update or by turn/start.',
  params: z.object({
    threadId: idSchema,
    threadSettings: z.object({
      disabledPluginIds: z.array(z.string()),
      cwd: z.string(),
      environments: z.null(),
      approvalPolicy: approvalPolicySchema,
      approvalsReviewer: z.literal('user'),
      sandboxPolicy: sandboxPolicySchema,
      activePermissionProfile: activePermissionProfileSchema,
      model: z.string(),
      modelProvider: z.string(),
      serviceTier: z.string().nullable(),
      effort: z.string().nullable(),
      summary: z.null(),
      collaborationMode: collaborationModeSchema,
      multiAgentMode: z.literal('explicitRequestOnly'),
      personality: z.null(),
    }),
    emittedAtMs: emittedAtMsSchema,
  }),
});

const TURN_SETTINGS_STATUSES = ['applied', 'targetUnavailable'] as const;

export const turnSettingsUpdate = defineRequest({
  method: 'turn/settings/update',
  summary: 'Changes model and tier from the next request of the turn in flight on.',
  params: z.object({
    threadId: idSchema,
    turnId: idSchema,
    model: z.string().min(1).nullish(),
    serviceTier: serviceTierSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ status: z.enum(TURN_SETTINGS_STATUSES) }),
  errors: ['thread_not_found'],
  mutation: true,
});

const itemEntrySchema = z.object({
  turnId: idSchema,
  item: threadItemSchema,
  startedAtMs: z.number().int().nullable(),
  completedAtMs: z.number().int().nullable(),
});

export const threadItemsList = defineRequest({
  method: 'thread/items/list',
  summary: 'Items of a thread or of one turn, newest first unless asked otherwise.',
  params: z.object({
    threadId: idSchema,
    turnId: idSchema.nullish(),
    cursor: z
      .union([
        z.string().min(1).max(500),
        z.object({ type: z.literal('item'), itemId: idSchema }).describe('Behind this item'),
      ])
      .nullish(),
    limit: pageParams.limit,
    sortDirection: sortDirectionSchema.nullish(),
  }),
  result: z.object({
    data: z.array(itemEntrySchema),
    nextCursor: z.string().nullable(),
    backwardsCursor: z.string().nullable(),
  }),
  errors: ['thread_not_found'],
});

export const threadItemsRead = defineRequest({
  method: 'thread/items/read',
  summary:
    'Items of a turn by their ids, in the order of the turn; those that are not there are left out.',
  params: z.object({
    threadId: idSchema,
    turnId: idSchema,
    itemIds: z.array(idSchema).min(1).max(1000),
  }),
  result: z.object({ data: z.array(itemEntrySchema) }),
  errors: ['thread_not_found'],
});

export const threadBackgroundTerminalsList = defineRequest({
  method: 'thread/backgroundTerminals/list',
  summary: 'Background commands of a thread that still run.',
  params: z.object({ threadId: idSchema, ...pageParams }),
  result: z.object({
    data: z.array(
      z.object({
        itemId: z.string(),
        processId: z.string().describe('Number that the model calls it by'),
        command: z.string(),
        cwd: z.string(),
        osPid: z.number().int().nullable(),
        cpuPercent: z.null(),
        rssKb: z.null(),
      }),
    ),
    nextCursor: z.string().nullable(),
  }),
  errors: ['thread_not_found'],
});

export const threadBackgroundTerminalsClean = defineRequest({
  method: 'thread/backgroundTerminals/clean',
  summary: 'Ends all background commands of a thread.',
  params: z.object({ threadId: idSchema, origin: originSchema.nullish(), ...mutationParams }),
  result: emptyResultSchema,
  errors: ['thread_not_found', 'policy_refused'],
  mutation: true,
});

export const threadBackgroundTerminalsTerminate = defineRequest({
  method: 'thread/backgroundTerminals/terminate',
  summary: 'Ends one background command of a thread, with all it started.',
  params: z.object({
    threadId: idSchema,
    processId: z.string().max(200).describe('As thread/backgroundTerminals/list names it'),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ terminated: z.boolean().describe('false: no such command runs') }),
  errors: ['thread_not_found', 'policy_refused'],
  mutation: true,
});

export const commandExec = defineRequest({
  method: 'command/exec',
  summary:
    'Reads a repository with git: rev-parse, config --get, diff, ls-files, status, log, show and the like. Nothing else is run.',
  params: z.object({
    command: z.array(z.string().max(10_000)).min(1).max(1000).describe('Program and arguments'),
    cwd: z.string().min(1).max(4096).nullish().describe('Absolute path'),
    timeoutMs: z.number().int().min(1).max(600_000).nullish(),
    outputBytesCap: z.number().int().min(0).nullish().describe('16 MiB at most'),
    processId: z.string().max(200).nullish().describe('Refused: nothing here is written to'),
    tty: z.boolean().nullish().describe('true is refused'),
    streamStdin: z.boolean().nullish().describe('true is refused'),
    streamStdoutStderr: z.boolean().nullish().describe('true is refused'),
  }),
  result: z.object({ exitCode: z.number().int(), stdout: z.string(), stderr: z.string() }),
  errors: ['policy_refused', 'feature_disabled'],
});
