import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { pageParams } from './common.js';
import { goalSchema, goalStatusSchema, usageSchema } from './goal.js';
import { blockerSchema, proposalSchema } from './goal-people.js';
import { planStepSchema } from './turn.js';
import {
  diffStatSchema,
  evidenceSchema,
  pathBreachSchema,
  refusalSchema,
  verificationRunSchema,
} from './verification.js';

export const goalList = defineRequest({
  method: 'goal/list',
  summary: 'Goals of all threads, last changed first. 50 a page unless asked otherwise.',
  params: z.object({
    ...pageParams,
    status: z.union([goalStatusSchema, z.array(goalStatusSchema)]).nullish(),
    cwd: z.string().nullish().describe('Only goals of threads in exactly this folder'),
  }),
  result: z.object({
    data: z.array(goalSchema.extend({ cwd: z.string(), threadName: z.string().nullable() })),
    nextCursor: z.string().nullable(),
  }),
  errors: ['feature_disabled'],
});

export const goalWait = defineRequest({
  method: 'goal/wait',
  summary:
    'Answers when the goal has one of the statuses, is cleared (goal null), or the time is up.',
  params: z.object({
    threadId: idSchema,
    until: z.array(goalStatusSchema).min(1).nullish().describe('Default: any status but active'),
    timeoutMs: z.number().int().min(0).max(86_400_000).nullish().describe('Default: 24 hours'),
  }),
  result: z.object({ goal: goalSchema.nullable(), timedOut: z.boolean() }),
  errors: ['thread_not_found', 'goal_not_found', 'feature_disabled'],
});

/** Names one goal: the current one of a thread, or any, also a past one, by its id. */
const goalRef = z
  .object({ threadId: idSchema.nullish(), goalId: idSchema.nullish() })
  .refine((ref) => (ref.threadId == null) !== (ref.goalId == null), {
    message: 'give exactly one of threadId and goalId',
  });

export const budgetLineSchema = z.object({
  used: z.number(),
  limit: z.number().nullable(),
});

export const goalReportSchema = z.object({
  goal: goalSchema,
  cwd: z.string(),
  diffStat: diffStatSchema
    .nullable()
    .describe('Against the tree as it stood when the goal was set'),
  diff: z.string().nullable().describe('Unified diff of the same, cut at 1 MiB'),
  verification: z.array(verificationRunSchema).describe('Newest first, at most 20'),
  evidence: z
    .array(evidenceSchema)
    .describe('Of the completion; before it, of the newest proposal'),
  refusals: z.array(refusalSchema).describe('Refused proposals of completion, oldest first'),
  pathBreaches: z.array(pathBreachSchema).describe('Changes that constraints.paths forbids'),
  changedChecks: z
    .array(z.string())
    .describe('Tests, scripts and settings the verification relies on that the goal changed'),
  blockers: z.array(blockerSchema),
  proposals: z.array(proposalSchema),
  plan: z.array(planStepSchema),
  budgets: z.object({
    tokens: budgetLineSchema,
    costUsd: budgetLineSchema,
    seconds: budgetLineSchema,
    turns: budgetLineSchema,
  }),
  requests: z.number().int().describe('Model requests charged to this goal'),
  estimatedRequests: z.number().int().describe('Those of them charged by estimate'),
  overshootTokens: z
    .number()
    .int()
    .describe('Tokens used beyond the budget, by the error of one estimate'),
  overshootUsd: z.number().describe('The same in USD, against the cost budget'),
  serviceTier: z
    .string()
    .nullable()
    .describe('Tier the next request asks for: priority, or null for the standard one'),
  fastRequests: z.number().int().describe('Requests charged at the priority tier'),
  unpricedRequests: z
    .number()
    .int()
    .describe('Requests that are in no cost, because the price of their model was not known'),
  summary: z.string().describe('The same in a few lines of text, written without a model'),
});
export type GoalReport = z.infer<typeof goalReportSchema>;

export const goalReport = defineRequest({
  method: 'goal/report',
  summary: 'What a goal did and cost, from the event log; no model is asked.',
  params: goalRef,
  result: z.object({ report: goalReportSchema }),
  errors: ['thread_not_found', 'goal_not_found', 'feature_disabled'],
});

const ledgerPriceSchema = z.object({
  input: z.number().describe('USD for a million tokens'),
  cachedInput: z.number(),
  output: z.number(),
  multiplier: z.number().describe('What the tier costs, times the price: 1 for the standard one'),
});

export const ledgerRowSchema = z.object({
  requestId: idSchema,
  turnId: idSchema,
  threadId: idSchema,
  goalId: idSchema.nullable(),
  model: z.string(),
  provider: z.string(),
  purpose: z
    .enum(['answer', 'compaction'])
    .describe('compaction: the summary that takes the place of the older conversation'),
  startedAtMs: z.number().int(),
  completedAtMs: z.number().int().nullable(),
  state: z.enum(['intent', 'charged']).describe('intent: in flight, nothing charged yet'),
  outcome: z
    .enum(['inFlight', 'completed', 'rejected', 'cut', 'aborted', 'lost'])
    .describe('rejected: the provider refused it and nothing is charged; lost: the daemon died'),
  estimatedInput: z.number().int(),
  usage: usageSchema,
  tokens: z.number().int().describe('What this request added to tokensUsed'),
  costUsd: z.number().nullable().describe('null: the price of the model was not known'),
  costNanoUsd: z
    .number()
    .int()
    .nullable()
    .describe('The same in billionths of a dollar: whole numbers, whose sum is exact'),
  price: ledgerPriceSchema.nullable().describe('Price that was in force when it left'),
  requestedServiceTier: z.string(),
  serviceTier: z.string().describe('Tier that was served, which is what it is charged by'),
  estimated: z.boolean().describe('The provider gave no figures: charged by estimate'),
  toolCalls: z.array(z.string()).describe('Names of the tool calls it led to'),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export const goalUsage = defineRequest({
  method: 'goal/usage',
  summary: 'Every model request of a goal. The rows add up to the counters, always. 100 a page.',
  params: goalRef.safeExtend(pageParams),
  result: z.object({
    totals: z.object({
      requests: z.number().int(),
      tokens: z.number().int(),
      usage: usageSchema,
      costUsd: z.number().nullable(),
      costNanoUsd: z.number().int().nullable(),
      unpricedRequests: z.number().int(),
      fastRequests: z.number().int(),
      estimatedRequests: z.number().int(),
      workMs: z.number().int(),
      waitMs: z.number().int(),
    }),
    data: z.array(ledgerRowSchema),
    nextCursor: z.string().nullable(),
  }),
  errors: ['thread_not_found', 'goal_not_found', 'feature_disabled'],
});
