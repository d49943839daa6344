import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { emittedAtMsSchema, mutationParams } from './common.js';

export const readStateSchema = z.object({
  firstUnread: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('threadStart') }),
      z.object({ type: z.literal('turn'), turnId: idSchema }),
    ])
    .nullable()
    .describe('Where a person goes on reading; null: they have read all of it'),
  revision: z.string().describe('Opaque; another with every change'),
});
export type ReadState = z.infer<typeof readStateSchema>;

export const READ_OPERATIONS = ['read', 'unread'] as const;

export const threadReadStateUpdate = defineRequest({
  method: 'thread/readState/update',
  summary: 'A person has read a thread, or means to read it again.',
  params: z.object({
    threadId: idSchema,
    operation: z.object({ type: z.enum(READ_OPERATIONS) }),
    expectedRevision: z
      .string()
      .max(300)
      .describe('Of what the person saw; another one answers revision_conflict with the state'),
    ...mutationParams,
  }),
  result: z.object({ readState: readStateSchema }),
  errors: ['thread_not_found', 'invalid_request', 'revision_conflict'],
  mutation: true,
});

export const threadReadStateChanged = defineNotification({
  method: 'thread/readState/changed',
  summary: 'There is something new to read in a thread, or a person has read it.',
  params: z.object({
    threadId: idSchema,
    readState: readStateSchema,
    emittedAtMs: emittedAtMsSchema,
  }),
});
