import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { emittedAtMsSchema, pageParams } from './common.js';

export const MCP_RUNTIME_STATUSES = [
  'notStarted',
  'starting',
  'connected',
  'authenticationRequired',
  'failed',
  'cancelled',
  'disabled',
] as const;
export const mcpRuntimeStatusSchema = z.enum(MCP_RUNTIME_STATUSES);
export type McpRuntimeStatus = z.infer<typeof mcpRuntimeStatusSchema>;

const meta = { _meta: z.unknown().optional() };

const mcpToolSchema = z
  .object({
    name: z.string(),
    title: z.string().optional(),
    description: z.string().optional(),
    inputSchema: z.unknown(),
    outputSchema: z.unknown().optional(),
    annotations: z.unknown().optional(),
    icons: z.array(z.unknown()).optional(),
    ...meta,
  })
  .describe('As the server describes it');

const mcpResourceSchema = z.object({
  uri: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  size: z.number().optional(),
  annotations: z.unknown().optional(),
  icons: z.array(z.unknown()).optional(),
  ...meta,
});

const mcpResourceTemplateSchema = z.object({
  uriTemplate: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  annotations: z.unknown().optional(),
});

export const mcpServerStatusSchema = z.object({
  name: z.string(),
  runtimeStatus: mcpRuntimeStatusSchema.nullable(),
  pluginId: z.null(),
  httpOrigin: z.string().nullable().describe('null for a program'),
  serverInfo: z
    .object({
      name: z.string(),
      title: z.string().nullable(),
      version: z.string(),
      description: z.string().nullable(),
      icons: z.array(z.unknown()).nullable(),
      websiteUrl: z.string().nullable(),
    })
    .nullable()
    .describe('What it says of itself; null until it answered'),
  serverCapabilities: z.unknown(),
  toolListMeta: z.unknown(),
  tools: z.record(z.string(), mcpToolSchema).describe('By the name the server gives them'),
  toolsError: z.string().nullable().describe('Why it offers no tools'),
  resources: z.array(mcpResourceSchema),
  resourceTemplates: z.array(mcpResourceTemplateSchema),
  authStatus: z.enum(['unknown', 'unsupported', 'notLoggedIn', 'bearerToken', 'oAuth']),
  error: z.string().nullable().describe('What it ended or failed with last; ours'),
  restarts: z.number().int().describe('Since it was last connected for a while; ours'),
  toolNames: z
    .record(z.string(), z.string())
    .describe('Tools that are offered: name of the server to name for the model; ours'),
});
export type McpServerStatus = z.output<typeof mcpServerStatusSchema>;

export const mcpServerStatusList = defineRequest({
  method: 'mcpServerStatus/list',
  summary:
    'The MCP servers of the configuration, or of a thread, and what they offer. Starts those that do not run.',
  params: z.object({
    ...pageParams,
    detail: z
      .enum(['full', 'toolsAndAuthOnly'])
      .nullish()
      .describe('toolsAndAuthOnly: without resources. Default: full'),
    threadId: z
      .string()
      .max(200)
      .nullish()
      .describe('The servers that turns of this thread have, its own among them'),
    serverName: z.string().max(200).nullish().describe('This server alone'),
  }),
  result: z.object({ data: z.array(mcpServerStatusSchema), nextCursor: z.string().nullable() }),
  errors: ['thread_not_found'],
});

export const configMcpServerReload = defineRequest({
  method: 'config/mcpServer/reload',
  summary: 'Starts every MCP server anew, also those that were given up.',
  params: z.object({}),
  result: z.object({}),
});

export const mcpServerStartupStatusUpdated = defineNotification({
  method: 'mcpServer/startupStatus/updated',
  summary: 'An MCP server is being started, is ready, has failed or is stopped.',
  params: z.object({
    threadId: z.string().nullable().describe('null: a server of the configuration'),
    name: z.string(),
    status: z.enum(['starting', 'ready', 'failed', 'cancelled']),
    error: z.string().nullable(),
    failureReason: z.literal('reauthenticationRequired').nullable(),
    emittedAtMs: emittedAtMsSchema,
  }),
});
