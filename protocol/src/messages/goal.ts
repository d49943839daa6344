import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import {
  approvalPolicySchema,
  emittedAtMsSchema,
  expectedRevisionSchema,
  mutationParams,
  sandboxModeSchema,
} from './common.js';

/** Longest objective, in characters after trimming. */
export const OBJECTIVE_MAX_CHARS = 4000;

export const GOAL_STATUSES = [
  'active',
  'paused',
  'blocked',
  'usageLimited',
  'budgetLimited',
  'complete',
] as const;
export const goalStatusSchema = z.enum(GOAL_STATUSES);
export type GoalStatus = z.infer<typeof goalStatusSchema>;

export const GOAL_PHASES = [
  'queued',
  'planning',
  'acting',
  'testing',
  'reviewing',
  'verifying',
  'waiting',
] as const;
export const goalPhaseSchema = z.enum(GOAL_PHASES);
export type GoalPhase = z.infer<typeof goalPhaseSchema>;

export const STATUS_REASON_CODES = [
  'user',
  'interrupt',
  'planApproval',
  'needsInput',
  'noProgress',
  'blocker',
  'turnError',
  'verificationExhausted',
  'tokenBudget',
  'costBudget',
  'timeBudget',
  'turnLimit',
  'usageLimit',
  'restartPolicy',
  'policy',
  'completed',
] as const;
export const statusReasonSchema = z.object({
  code: z.enum(STATUS_REASON_CODES),
  message: z.string().describe('One sentence for a person'),
  detail: z.string().nullable().describe('What was tried, the provider’s own words, …'),
  atMs: z.number().int(),
});
export type StatusReason = z.infer<typeof statusReasonSchema>;
export type StatusReasonCode = StatusReason['code'];

export const ISOLATIONS = ['workingCopy', 'inPlace'] as const;
export const isolationSchema = z.enum(ISOLATIONS);
export type Isolation = z.infer<typeof isolationSchema>;

export const PLANNING_MODES = ['off', 'auto', 'required'] as const;
export const planningSchema = z.enum(PLANNING_MODES);
export type Planning = z.infer<typeof planningSchema>;

export const ORIGINS = ['user', 'automatic'] as const;
export const originSchema = z.enum(ORIGINS);
export type Origin = z.infer<typeof originSchema>;

/** Twelve hours: the longest time budget a goal can have. */
export const TIME_BUDGET_MAX_SECONDS = 43_200;

const pathPatterns = z
  .array(z.string().min(1).max(1000))
  .max(200)
  .default([])
  .describe('Patterns as in a .gitignore at the repository’s folder');

export const constraintsSchema = z.object({
  paths: z.object({ allow: pathPatterns, deny: pathPatterns }).default({ allow: [], deny: [] }),
  notes: z.array(z.string().max(2000)).default([]).describe('Rules in words, shown to the model'),
});
export type Constraints = z.infer<typeof constraintsSchema>;

/** Two hours: the longest one verification command may take. */
export const VERIFICATION_MAX_SECONDS = 7200;

export const verificationCommandSchema = z.object({
  name: z.string().min(1).max(200),
  command: z.string().min(1).max(10_000).describe('Run by the shell in the goal’s folder'),
  timeoutSeconds: z.number().int().min(1).max(VERIFICATION_MAX_SECONDS),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe('How often it may fail and be tried again on the same tree. Default 0'),
});
export type VerificationCommand = z.infer<typeof verificationCommandSchema>;

/** The same as a client gives it. */
export const verificationInputSchema = verificationCommandSchema.extend({
  timeoutSeconds: verificationCommandSchema.shape.timeoutSeconds
    .optional()
    .describe('Default: limits.verificationTimeoutSeconds of the configuration, 600'),
});
export type VerificationInput = z.infer<typeof verificationInputSchema>;

export const usageSchema = z.object({
  input: z.number().int().describe('All input tokens, cached ones among them'),
  cachedInput: z.number().int(),
  output: z.number().int().describe('All output tokens, reasoning among them'),
  reasoning: z.number().int(),
});
export type Usage = z.infer<typeof usageSchema>;

export const progressSchema = z.object({
  summary: z.string(),
  percent: z.number().min(0).max(100).nullable(),
});

export const WAIT_KINDS = ['time', 'process', 'path'] as const;

/** What a goal waits for, with no model request meanwhile. */
export const goalWaitSchema = z.object({
  waitId: idSchema,
  kind: z.enum(WAIT_KINDS),
  what: z.string().describe('In words: "90 s", "process 3 (npm test)", "out.log to change"'),
  processId: z.number().int().nullable().describe('Number of the background process'),
  path: z.string().nullable().describe('Absolute'),
  sinceMs: z.number().int(),
  untilMs: z.number().int().nullable().describe('At the latest; null: the daemon’s own limit'),
});
export type GoalWait = z.infer<typeof goalWaitSchema>;

/** What the agent waits for a person to say, while its turn is open or its goal paused. */
export const pendingRequestSchema = z.object({
  requestId: idSchema.describe('approvalId or blockerId'),
  kind: z.enum(['command', 'fileChange', 'question']),
  what: z.string().describe('The command, the files or the question, in one line'),
  sinceMs: z.number().int(),
});
export type PendingRequest = z.infer<typeof pendingRequestSchema>;

/** A goal: the reference's ThreadGoal and, beside it, ours. Times are Unix seconds unless the name says Ms. */
export const goalSchema = z.object({
  threadId: idSchema,
  objective: z.string(),
  status: goalStatusSchema,
  tokenBudget: z.number().int().nullable(),
  tokensUsed: z.number().int().describe('Uncached input + output of every charged request'),
  timeUsedSeconds: z.number().int(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),

  goalId: idSchema,
  phase: goalPhaseSchema.nullable().describe('What happens now; null unless active'),
  statusReason: statusReasonSchema.nullable(),
  requirements: z.array(z.string()),
  constraints: constraintsSchema,
  verification: z.array(verificationCommandSchema),
  role: z.string().nullable(),
  isolation: isolationSchema,
  planning: planningSchema,
  approvalPolicy: approvalPolicySchema.nullable(),
  sandbox: sandboxModeSchema.nullable().describe('null: as the thread says'),
  networkAccess: z.boolean().nullable().describe('Of its sandbox; null: as the thread says'),
  tokenCeiling: z.number().int().describe('goald’s own limit, apart from tokenBudget'),
  usage: usageSchema,
  costBudgetUsd: z.number().nullable(),
  costUsd: z
    .number()
    .nullable()
    .describe('Cost of the requests whose price was known; null while there is none'),
  timeBudgetSeconds: z.number().int(),
  maxTurns: z.number().int(),
  turnsUsed: z.number().int(),
  progress: progressSchema.nullable().describe('The model’s own words'),
  nextActionAtMs: z.number().int().nullable().describe('When the daemon acts next, if it waits'),
  waitingFor: goalWaitSchema.nullable().describe('What the agent asked to wait for'),
  pendingRequest: pendingRequestSchema
    .optional()
    .describe('What a person has to decide or answer; absent when nothing is asked'),
  verified: z.boolean().describe('Complete, and every verification command exited 0'),
  changedChecks: z
    .array(z.string())
    .optional()
    .describe('Of a verified goal: what the verification relies on and the goal changed'),
  revision: z.number().int().describe('Raised by every change of definition or status'),
});
export type Goal = z.infer<typeof goalSchema>;

const expectedRevision = expectedRevisionSchema;

export const threadGoalGet = defineRequest({
  method: 'thread/goal/get',
  summary: 'The goal of a thread, or null.',
  params: z.object({ threadId: idSchema }),
  result: z.object({ goal: goalSchema.nullable() }),
  errors: ['thread_not_found', 'feature_disabled'],
});

export const threadGoalSet = defineRequest({
  method: 'thread/goal/set',
  summary: 'Makes or edits the goal of a thread. An absent field keeps its value.',
  params: z.object({
    threadId: idSchema,
    objective: z
      .string()
      .nullish()
      .describe(
        'Its Requirements, Verification and Constraints sections fill the fields that are absent here',
      ),
    status: goalStatusSchema.nullish(),
    tokenBudget: z.number().nullish().describe('absent: keep; null: remove'),
    origin: originSchema.nullish(),
    requirements: z.array(z.string().min(1).max(2000)).max(100).nullish(),
    constraints: constraintsSchema.nullish(),
    verification: z.array(verificationInputSchema).max(20).nullish(),
    role: z.string().min(1).max(100).nullish(),
    isolation: isolationSchema.nullish(),
    planning: planningSchema.nullish(),
    approvalPolicy: approvalPolicySchema.nullish(),
    sandbox: sandboxModeSchema.nullish(),
    networkAccess: z.boolean().nullish().describe('May commands in the sandbox use the network'),
    costBudgetUsd: z.number().nullish().describe('absent: keep; null: remove'),
    timeBudgetSeconds: z.number().nullish(),
    maxTurns: z.number().nullish(),
    expectedRevision,
    ...mutationParams,
  }),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'invalid_transition',
    'objective_empty',
    'objective_too_long',
    'budget_not_positive',
    'budget_exhausted',
    'budget_over_policy',
    'price_unknown',
    'revision_conflict',
    'isolation_unavailable',
    'sandbox_unavailable',
    'feature_disabled',
    'policy_refused',
  ],
  mutation: true,
});

export const threadGoalPause = defineRequest({
  method: 'thread/goal/pause',
  summary: 'Pauses the goal and stops its turn. Nothing restarts until a user resumes.',
  params: z.object({
    threadId: idSchema,
    origin: originSchema.nullish(),
    expectedRevision,
    ...mutationParams,
  }),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'invalid_transition',
    'revision_conflict',
    'feature_disabled',
  ],
  mutation: true,
});

export const threadGoalResume = defineRequest({
  method: 'thread/goal/resume',
  summary: 'Makes the goal active again, with more budget if asked. Also reopens a complete goal.',
  params: z.object({
    threadId: idSchema,
    addTokens: z.number().nullish(),
    addSeconds: z.number().nullish(),
    addCostUsd: z
      .number()
      .nullish()
      .describe('Without a cost budget: one of what is spent already and this'),
    addTurns: z.number().nullish(),
    origin: originSchema.nullish(),
    expectedRevision,
    ...mutationParams,
  }),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'invalid_transition',
    'budget_not_positive',
    'budget_exhausted',
    'budget_over_policy',
    'price_unknown',
    'revision_conflict',
    'feature_disabled',
    'policy_refused',
  ],
  mutation: true,
});

export const threadGoalClear = defineRequest({
  method: 'thread/goal/clear',
  summary: 'Removes the goal and stops its turn. Its events stay in the log.',
  params: z.object({
    threadId: idSchema,
    origin: originSchema.nullish(),
    expectedRevision,
    ...mutationParams,
  }),
  result: z.object({ cleared: z.boolean() }),
  errors: ['thread_not_found', 'revision_conflict', 'feature_disabled'],
  mutation: true,
});

export const threadGoalUpdated = defineNotification({
  method: 'thread/goal/updated',
  summary: 'The goal as it stands now. Sent to every client.',
  params: z.object({
    threadId: idSchema,
    turnId: idSchema.nullable(),
    goal: goalSchema,
    emittedAtMs: emittedAtMsSchema,
  }),
});

export const threadGoalCleared = defineNotification({
  method: 'thread/goal/cleared',
  summary: 'A thread has no goal any more. Sent to every client.',
  params: z.object({ threadId: idSchema, emittedAtMs: emittedAtMsSchema }),
});
