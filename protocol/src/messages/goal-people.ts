import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { expectedRevisionSchema, mutationParams } from './common.js';
import { goalSchema, originSchema } from './goal.js';

// What the agent asks of people: blockers with their questions, and objectives it proposes.

/** Longest answer to a blocker and longest reason of a decline, in characters. */
export const ANSWER_MAX_CHARS = 10_000;

export const blockerSchema = z.object({
  blockerId: idSchema,
  summary: z.string(),
  question: z.string().nullable(),
  severity: z.enum(['finding', 'blocking']),
  resolved: z.boolean(),
  raisedAtMs: z.number().int(),
  answer: z.string().nullable().describe('What a user answered; null also where none was needed'),
  resolvedAtMs: z.number().int().nullable(),
});
export type Blocker = z.infer<typeof blockerSchema>;

export const PROPOSAL_DECISIONS = ['pending', 'accepted', 'declined'] as const;
export const proposalSchema = z.object({
  proposalId: idSchema,
  objective: z.string(),
  decision: z.enum(PROPOSAL_DECISIONS),
  madeAtMs: z.number().int(),
  decidedAtMs: z.number().int().nullable(),
  reason: z.string().nullable().describe('What a user said to a decline'),
});
export type Proposal = z.infer<typeof proposalSchema>;

const words = z.string().trim().min(1).max(ANSWER_MAX_CHARS).nullish();

const decision = {
  threadId: idSchema,
  proposalId: idSchema.nullish().describe('Default: the newest that is pending'),
  origin: originSchema.nullish(),
  expectedRevision: expectedRevisionSchema,
  ...mutationParams,
};

export const goalBlockerList = defineRequest({
  method: 'goal/blocker/list',
  summary: 'What stands or stood in the way of the goal of a thread, oldest first.',
  params: z.object({ threadId: idSchema }),
  result: z.object({ data: z.array(blockerSchema) }),
  errors: ['thread_not_found', 'goal_not_found', 'feature_disabled'],
});

export const goalBlockerResolve = defineRequest({
  method: 'goal/blocker/resolve',
  summary:
    'Answers an open blocker. The agent reads the answer in its next turn; a goal that stood because of it goes on.',
  params: z.object({
    threadId: idSchema,
    blockerId: idSchema
      .nullish()
      .describe('Default: the newest open one, those that stop the goal and questions first'),
    answer: words.describe('absent: what stood in the way is gone'),
    origin: originSchema.nullish(),
    expectedRevision: expectedRevisionSchema,
    ...mutationParams,
  }),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'blocker_not_found',
    'revision_conflict',
    'feature_disabled',
    'policy_refused',
  ],
  mutation: true,
});

export const goalProposalList = defineRequest({
  method: 'goal/proposal/list',
  summary: 'Objectives the agent proposed for the goal of a thread, oldest first.',
  params: z.object({ threadId: idSchema }),
  result: z.object({ data: z.array(proposalSchema) }),
  errors: ['thread_not_found', 'goal_not_found', 'feature_disabled'],
});

export const goalProposalAccept = defineRequest({
  method: 'goal/proposal/accept',
  summary:
    'Makes a proposed objective the objective of the goal, as if the user had set it: a complete goal is followed by a new one.',
  params: z.object(decision),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'proposal_not_found',
    'revision_conflict',
    'feature_disabled',
    'policy_refused',
  ],
  mutation: true,
});

export const goalProposalDecline = defineRequest({
  method: 'goal/proposal/decline',
  summary: 'Declines a proposed objective. The agent is told in its next turn.',
  params: z.object({ ...decision, reason: words.describe('The agent reads it') }),
  result: z.object({ goal: goalSchema }),
  errors: [
    'thread_not_found',
    'goal_not_found',
    'proposal_not_found',
    'revision_conflict',
    'feature_disabled',
    'policy_refused',
  ],
  mutation: true,
});
