import * as z from 'zod';
import { defineNotification } from '../define.js';
import { idSchema } from '../ids.js';
import { emittedAtMsSchema } from './common.js';
import { userInputSchema } from './user-input.js';

export const ITEM_RUN_STATUSES = ['inProgress', 'completed', 'failed', 'declined'] as const;
export const itemRunStatusSchema = z.enum(ITEM_RUN_STATUSES);
export type ItemRunStatus = z.infer<typeof itemRunStatusSchema>;

export const patchChangeKindSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('add') }),
  z.object({ type: z.literal('delete') }),
  z.object({ type: z.literal('update'), move_path: z.string().nullable() }),
]);

export const fileUpdateChangeSchema = z.object({
  path: z.string(),
  kind: patchChangeKindSchema,
  diff: z
    .string()
    .describe('Unified diff of an update; all of the content of a file that is added or deleted'),
});
export type FileUpdateChange = z.infer<typeof fileUpdateChangeSchema>;

const times = {
  startedAtMs: z.number().int().nullish(),
  completedAtMs: z.number().int().nullish(),
};

export const userMessageItemSchema = z.object({
  type: z.literal('userMessage'),
  id: idSchema,
  clientId: z.string().nullable(),
  content: z.array(userInputSchema),
  ...times,
});

export const agentMessageItemSchema = z.object({
  type: z.literal('agentMessage'),
  id: idSchema,
  text: z.string(),
  phase: z.enum(['commentary', 'partial_answer', 'final_answer']).nullable(),
  moderation: z.null(),
  memoryCitation: z.null(),
  delivery: z.null(),
  questions: z.null(),
  ...times,
});

export const reasoningItemSchema = z.object({
  type: z.literal('reasoning'),
  id: idSchema,
  summary: z.array(z.string()),
  content: z.array(z.string()),
  ...times,
});

/** What a planning turn proposes. */
export const planItemSchema = z.object({
  type: z.literal('plan'),
  id: idSchema,
  text: z.string().describe('Markdown'),
  ...times,
});

const command = z.string();
const commandActionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('read'), command, name: z.string(), path: z.string() }),
  z.object({ type: z.literal('listFiles'), command, path: z.string().nullable() }),
  z.object({
    type: z.literal('search'),
    command,
    query: z.string().nullable(),
    path: z.string().nullable(),
  }),
  z.object({ type: z.literal('unknown'), command }),
]);
export type CommandAction = z.infer<typeof commandActionSchema>;

export const commandExecutionItemSchema = z.object({
  type: z.literal('commandExecution'),
  id: idSchema,
  pluginId: z.null(),
  scriptPath: z.null(),
  command: z.string().describe('As it is run: the shell with the command as its argument'),
  cwd: z.string(),
  processId: z.string().nullable(),
  source: z.enum(['agent', 'userShell']),
  status: itemRunStatusSchema,
  commandActions: z
    .array(commandActionSchema)
    .describe('What it is about, as far as that is plain'),
  aggregatedOutput: z.string().nullable(),
  exitCode: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
  ...times,
});

export const fileChangeItemSchema = z.object({
  type: z.literal('fileChange'),
  id: idSchema,
  changes: z.array(fileUpdateChangeSchema),
  status: itemRunStatusSchema,
  ...times,
});

/** The command of an item as it was asked for, without the shell that runs it. */
export function commandOf(item: z.infer<typeof commandExecutionItemSchema>): string {
  const [action, ...more] = item.commandActions;
  return action === undefined || more.length > 0 ? item.command : action.command;
}

/** Every other tool of ours (read_file, search, update_plan, set_goal …). */
export const dynamicToolCallItemSchema = z.object({
  type: z.literal('dynamicToolCall'),
  id: idSchema,
  namespace: z.string().nullable(),
  tool: z.string(),
  arguments: z.unknown(),
  status: z.enum(['inProgress', 'completed', 'failed']),
  contentItems: z.array(z.object({ type: z.literal('inputText'), text: z.string() })).nullable(),
  success: z.boolean().nullable(),
  durationMs: z.number().int().nullable(),
  ...times,
});

/** A call of a tool of an MCP server. */
export const mcpToolCallItemSchema = z.object({
  type: z.literal('mcpToolCall'),
  id: idSchema,
  server: z.string(),
  tool: z.string().describe('As the server names it'),
  status: z.enum(['inProgress', 'completed', 'failed']),
  arguments: z.unknown(),
  appContext: z.null(),
  mcpAppUi: z.null(),
  pluginId: z.null(),
  readOnlyHint: z.boolean().nullable().describe('What the server says of the tool'),
  result: z
    .object({
      content: z.array(z.unknown()),
      structuredContent: z.unknown(),
      _meta: z.unknown(),
    })
    .nullable()
    .describe('What the server answered; what is long in it is cut'),
  error: z.object({ message: z.string() }).nullable().describe('Why it answered nothing'),
  durationMs: z.number().int().nullable(),
  ...times,
});

/** The older part of the conversation was replaced by a summary; the items before it stay readable. */
export const contextCompactionItemSchema = z.object({
  type: z.literal('contextCompaction'),
  id: idSchema,
  ...times,
});

export const threadItemSchema = z.discriminatedUnion('type', [
  userMessageItemSchema,
  agentMessageItemSchema,
  reasoningItemSchema,
  planItemSchema,
  commandExecutionItemSchema,
  fileChangeItemSchema,
  dynamicToolCallItemSchema,
  mcpToolCallItemSchema,
  contextCompactionItemSchema,
]);
export type ThreadItem = z.infer<typeof threadItemSchema>;

const where = { threadId: idSchema, turnId: idSchema };
const delta = { ...where, itemId: idSchema, delta: z.string(), emittedAtMs: emittedAtMsSchema };

export const itemStarted = defineNotification({
  method: 'item/started',
  summary: 'An item of a turn began.',
  params: z.object({
    ...where,
    item: threadItemSchema,
    startedAtMs: z.number().int(),
    emittedAtMs: emittedAtMsSchema,
  }),
});

export const itemCompleted = defineNotification({
  method: 'item/completed',
  summary: 'An item of a turn ended; it will not change again.',
  params: z.object({
    ...where,
    item: threadItemSchema,
    completedAtMs: z.number().int(),
    emittedAtMs: emittedAtMsSchema,
  }),
});

export const agentMessageDelta = defineNotification({
  method: 'item/agentMessage/delta',
  summary: "A piece of the model's text. Ephemeral.",
  params: z.object(delta),
});

export const planDelta = defineNotification({
  method: 'item/plan/delta',
  summary: 'A piece of the plan that a planning turn proposes. Ephemeral.',
  params: z.object(delta),
});

export const reasoningSummaryTextDelta = defineNotification({
  method: 'item/reasoning/summaryTextDelta',
  summary: "A piece of the model's reasoning summary. Ephemeral.",
  params: z.object({ ...delta, summaryIndex: z.number().int() }),
});

export const commandExecutionOutputDelta = defineNotification({
  method: 'item/commandExecution/outputDelta',
  summary: 'A piece of what a running command printed. Ephemeral.',
  params: z.object(delta),
});

export const mcpToolCallProgress = defineNotification({
  method: 'item/mcpToolCall/progress',
  summary: 'What an MCP server says of a call that runs. Ephemeral.',
  params: z.object({
    ...where,
    itemId: idSchema,
    message: z.string(),
    emittedAtMs: emittedAtMsSchema,
  }),
});
