import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { mutationParams } from './common.js';
import { originSchema } from './goal.js';
import { turnSchema } from './turn.js';

export const reviewTargetSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('uncommittedChanges') }),
  z.object({ type: z.literal('baseBranch'), branch: z.string().min(1).max(1000) }),
  z.object({
    type: z.literal('commit'),
    sha: z.string().min(1).max(100),
    title: z.string().max(1000).nullish().describe('Its subject'),
  }),
  z.object({ type: z.literal('custom'), instructions: z.string().min(1).max(100_000) }),
]);
export type ReviewTarget = z.infer<typeof reviewTargetSchema>;

export const reviewStart = defineRequest({
  method: 'review/start',
  summary: 'Asks the agent to review changes and to change nothing: a turn of the thread itself.',
  params: z.object({
    threadId: idSchema,
    target: reviewTargetSchema,
    delivery: z.enum(['inline']).nullish(),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ turn: turnSchema, reviewThreadId: idSchema }),
  errors: ['thread_not_found', 'sandbox_unavailable', 'turn_not_steerable'],
  mutation: true,
});
