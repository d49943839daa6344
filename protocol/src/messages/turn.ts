import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import {
  approvalPolicySchema,
  emittedAtMsSchema,
  mutationParams,
  serviceTierSchema,
} from './common.js';
import { askedCollaborationModeSchema } from './collaboration.js';
import { originSchema } from './goal.js';
import { threadItemSchema } from './item.js';
import { askedSandboxPolicySchema, permissionProfileIdSchema } from './sandbox.js';
import { userInputSchema } from './user-input.js';

export const TURN_STATUSES = ['inProgress', 'completed', 'interrupted', 'failed'] as const;
export const turnStatusSchema = z.enum(TURN_STATUSES);
export type TurnStatus = z.infer<typeof turnStatusSchema>;

export const turnErrorSchema = z.object({
  message: z.string(),
  codexErrorInfo: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullable()
    .describe('The reference protocol’s class of the error, such as "unauthorized"'),
  additionalDetails: z.string().nullable(),
  misalignment: z.null(),
});
export type TurnError = z.infer<typeof turnErrorSchema>;

export const ITEMS_VIEWS = ['notLoaded', 'summary', 'full'] as const;
export const itemsViewSchema = z.enum(ITEMS_VIEWS);
export type ItemsView = z.infer<typeof itemsViewSchema>;

export const turnSchema = z.object({
  id: idSchema,
  rootTurnId: z.string().nullable(),
  items: z.array(threadItemSchema),
  itemsView: itemsViewSchema.describe('How much of the items this answer carries'),
  status: turnStatusSchema,
  error: turnErrorSchema.nullable(),
  startedAt: z.number().int().nullable().describe('Unix seconds'),
  completedAt: z.number().int().nullable().describe('Unix seconds'),
  durationMs: z.number().int().nullable(),
});
export type Turn = z.infer<typeof turnSchema>;

const input = z.array(userInputSchema).min(1).max(100);

export const turnStart = defineRequest({
  method: 'turn/start',
  summary:
    'Says something to the agent: starts a turn, or adds to the one in flight. With goalMode the input becomes the goal.',
  params: z.object({
    threadId: idSchema,
    input,
    clientUserMessageId: z.string().max(200).nullish(),
    model: z.string().min(1).nullish().describe('Model for this turn and the ones after it'),
    serviceTier: serviceTierSchema
      .nullish()
      .describe('Tier for this turn and the ones after it; null: as the configuration says'),
    approvalPolicy: approvalPolicySchema.nullish(),
    sandboxPolicy: askedSandboxPolicySchema
      .nullish()
      .describe('Sandbox for this turn and the ones after it; null: as it is'),
    permissions: permissionProfileIdSchema
      .nullish()
      .describe('The same by its name in permissionProfile/list'),
    collaborationMode: askedCollaborationModeSchema
      .nullish()
      .describe('Mode of this turn and the ones after it; null: as it is'),
    goalMode: z.boolean().nullish().describe('Make the input the objective of a goal'),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ turn: turnSchema }),
  errors: [
    'thread_not_found',
    'objective_empty',
    'objective_too_long',
    'sandbox_unavailable',
    'feature_disabled',
    'budget_exhausted',
    'price_unknown',
    'invalid_transition',
    'policy_refused',
  ],
  mutation: true,
});

export const turnSteer = defineRequest({
  method: 'turn/steer',
  summary: 'Adds input to the turn in flight; the model sees it with its next request.',
  params: z.object({
    threadId: idSchema,
    input,
    expectedTurnId: idSchema,
    clientUserMessageId: z.string().max(200).nullish(),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ turnId: idSchema }),
  errors: ['thread_not_found', 'turn_not_found', 'turn_not_steerable'],
  mutation: true,
});

export const turnInterrupt = defineRequest({
  method: 'turn/interrupt',
  summary: 'Stops the turn in flight. An active goal is paused, so nothing restarts by itself.',
  params: z.object({
    threadId: idSchema,
    turnId: idSchema,
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({}),
  errors: ['thread_not_found', 'turn_not_found'],
  mutation: true,
});

const where = { threadId: idSchema, emittedAtMs: emittedAtMsSchema };

export const turnStarted = defineNotification({
  method: 'turn/started',
  summary: 'A turn began.',
  params: z.object({ ...where, turn: turnSchema }),
});

export const turnCompleted = defineNotification({
  method: 'turn/completed',
  summary:
    'A turn ended, and every process it started is dead. One that said something carries the last of that.',
  params: z.object({ ...where, turn: turnSchema }),
});

export const turnDiffUpdated = defineNotification({
  method: 'turn/diff/updated',
  summary: 'The unified diff of what this turn changed so far. Ephemeral.',
  params: z.object({ ...where, turnId: idSchema, diff: z.string() }),
});

export const PLAN_STEP_STATUSES = ['pending', 'inProgress', 'completed'] as const;
export const planStepSchema = z.object({
  step: z.string(),
  status: z.enum(PLAN_STEP_STATUSES),
});
export type PlanStep = z.infer<typeof planStepSchema>;

export const turnPlanUpdated = defineNotification({
  method: 'turn/plan/updated',
  summary: 'The model wrote or ticked its plan.',
  params: z.object({
    ...where,
    turnId: idSchema,
    explanation: z.string().nullable(),
    plan: z.array(planStepSchema),
  }),
});

export const turnErrorNotification = defineNotification({
  method: 'error',
  summary: 'A turn met an error. willRetry says whether the daemon tries again by itself.',
  params: z.object({
    ...where,
    turnId: idSchema,
    error: turnErrorSchema,
    willRetry: z.boolean(),
  }),
});
