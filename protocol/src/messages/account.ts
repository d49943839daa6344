import * as z from 'zod';
import { defineRequest } from '../define.js';

export const accountRead = defineRequest({
  method: 'account/read',
  summary: 'Whose account is in use: none, goald has no accounts. Its provider’s key is its own.',
  params: z.object({ refreshToken: z.boolean().nullish() }),
  result: z.object({
    account: z.null(),
    userId: z.null(),
    requiresOpenaiAuth: z.literal(false),
    workspaceRouting: z.null(),
  }),
});
