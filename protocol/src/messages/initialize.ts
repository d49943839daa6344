import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';

export const clientInfoSchema = z.object({
  name: z.string().min(1).max(200),
  title: z.string().max(200).nullish(),
  version: z.string().max(100),
});
export type ClientInfo = z.infer<typeof clientInfoSchema>;

export const clientCapabilitiesSchema = z.object({
  experimentalApi: z.boolean().nullish(),
  requiredHumanApproval: z
    .boolean()
    .nullish()
    .describe(
      'This client shows requests of the daemon to a person: it is sent approvals and questions of the threads it is subscribed to',
    ),
  optOutNotificationMethods: z
    .array(z.string())
    .nullish()
    .describe('Exact notification methods this connection does not want'),
});
export type ClientCapabilities = z.infer<typeof clientCapabilitiesSchema>;

export const initialize = defineRequest({
  method: 'initialize',
  summary: 'Opens the conversation. The first request of a connection, sent once.',
  params: z.object({
    clientInfo: clientInfoSchema,
    capabilities: clientCapabilitiesSchema.nullish(),
  }),
  result: z.object({
    userAgent: z.string(),
    codexHome: z.string().describe("Absolute path of the daemon's state folder"),
    platformFamily: z.string(),
    platformOs: z.string(),
    serverInfo: z.object({ name: z.string(), version: z.string(), protocolVersion: z.string() }),
    storeEpoch: z
      .string()
      .describe('Changes when the store is new or restored: cursors of another epoch are void'),
    headSeq: z.number().int().nonnegative().describe('seq of the newest durable event'),
    storeNotice: z
      .string()
      .nullish()
      .describe('What people should know of the store, such as that it was restored from a backup'),
  }),
  errors: ['already_initialized'],
});

export const initialized = defineNotification({
  method: 'initialized',
  direction: 'clientToServer',
  summary: 'The client has read the answer to initialize.',
  params: z.object({}).nullish(),
});
