import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { commandDecisionSchema } from './approvals.js';
import { emptyResultSchema, mutationParams } from './common.js';
import { ANSWER_MAX_CHARS } from './goal-people.js';
import { originSchema } from './goal.js';

// The same approvals for clients that are not asked: scripts, and people on another terminal.

export const APPROVAL_KINDS = ['command', 'fileChange'] as const;
export const APPROVAL_DECISIONS = [
  'pending',
  'accept',
  'acceptForSession',
  'acceptWithExecpolicyAmendment',
  'decline',
  'cancel',
  'withdrawn',
] as const;

export const approvalSchema = z.object({
  approvalId: idSchema.describe('Also the id of the request that clients are sent'),
  threadId: idSchema,
  goalId: idSchema.nullable(),
  turnId: idSchema,
  itemId: idSchema,
  kind: z.enum(APPROVAL_KINDS),
  command: z.string().nullable().describe('As the agent wrote it'),
  files: z.array(z.string()).describe('That would be changed, relative to cwd'),
  cwd: z.string(),
  reason: z.string().nullable().describe('Why it is asked, where that needs words'),
  unsandboxed: z.boolean().describe('It would run without the sandbox'),
  proposedAmendment: z.array(z.string()).nullable(),
  decision: z
    .enum(APPROVAL_DECISIONS)
    .describe('withdrawn: the goal was stopped or edited, or its turn is gone'),
  decisionReason: z.string().nullable(),
  requestedAtMs: z.number().int(),
  decidedAtMs: z.number().int().nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

export const approvalRuleSchema = z.object({
  ruleId: idSchema,
  kind: z.enum(['command', 'prefix', 'fileChange']),
  threadId: idSchema.nullable().describe('null: it holds for all threads'),
  what: z.array(z.string()).describe('The command, the first words of commands, or files'),
  cwd: z.string().nullable(),
  madeAtMs: z.number().int(),
});
export type ApprovalRule = z.infer<typeof approvalRuleSchema>;

export const goalApprovalList = defineRequest({
  method: 'goal/approval/list',
  summary:
    'Approvals the agent waits for, oldest first, and what people have allowed for good. With all, decided ones too.',
  params: z.object({
    threadId: idSchema.nullish().describe('Default: of all threads'),
    all: z.boolean().nullish(),
    limit: z.number().int().min(1).max(1000).nullish().describe('The newest so many; default 100'),
  }),
  result: z.object({ data: z.array(approvalSchema), rules: z.array(approvalRuleSchema) }),
  errors: ['thread_not_found'],
});

export const goalApprovalDecide = defineRequest({
  method: 'goal/approval/decide',
  summary:
    'Decides an approval. What is accepted runs once, exactly as it was asked; a goal that stood because of it goes on.',
  params: z.object({
    approvalId: idSchema,
    decision: commandDecisionSchema,
    reason: z
      .string()
      .trim()
      .min(1)
      .max(ANSWER_MAX_CHARS)
      .nullish()
      .describe('The agent reads it with a decline'),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ approval: approvalSchema }),
  errors: ['approval_not_found', 'policy_refused', 'invalid_transition'],
  mutation: true,
});

export const goalApprovalForget = defineRequest({
  method: 'goal/approval/forget',
  summary:
    'Takes back what was allowed for good: it is asked for again. An unknown id is no error.',
  params: z.object({ ruleId: idSchema, origin: originSchema.nullish(), ...mutationParams }),
  result: emptyResultSchema,
  errors: ['policy_refused'],
  mutation: true,
});
