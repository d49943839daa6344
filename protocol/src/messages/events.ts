import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { emittedAtMsSchema } from './common.js';

/** Every durable event, each written in the transaction that caused it. */
export const EVENT_TYPES = [
  'goal.created',
  'goal.edited',
  'goal.statusChanged',
  'goal.phaseChanged',
  'goal.progress',
  'goal.usage',
  'goal.budgetWarning',
  'goal.cleared',
  'turn.started',
  'turn.completed',
  'item.completed',
  'plan.proposed',
  'plan.edited',
  'plan.approved',
  'plan.rejected',
  'tests.finished',
  'verification.started',
  'verification.finished',
  'checkpoint.created',
  'blocker.raised',
  'blocker.resolved',
  'proposal.made',
  'proposal.decided',
  'approval.requested',
  'approval.decided',
  'wait.started',
  'wait.ended',
  'compaction.done',
  'retry.scheduled',
  'changes.accepted',
  'changes.discarded',
  'changes.undone',
  'policy.breached',
  'daemon.started',
  'daemon.recovered',
] as const;
export const eventTypeSchema = z.enum(EVENT_TYPES);
export type EventType = z.infer<typeof eventTypeSchema>;

export const goalEventSchema = z.object({
  seq: z.number().int().positive().describe('Gap-free and rising within one storeEpoch'),
  atMs: z.number().int(),
  type: eventTypeSchema,
  threadId: idSchema.nullable(),
  goalId: idSchema.nullable(),
  turnId: idSchema.nullable(),
  revision: z.number().int().nullable().describe("The goal's revision after the event"),
  data: z.record(z.string(), z.unknown()),
});
export type GoalEvent = z.infer<typeof goalEventSchema>;

const sinceSeq = z.number().int().nonnegative().nullish();

export const goalEventsList = defineRequest({
  method: 'goal/events/list',
  summary: 'Stored events after sinceSeq, oldest first. 500 a page unless asked otherwise.',
  params: z.object({
    goalId: idSchema.nullish(),
    threadId: idSchema.nullish(),
    sinceSeq: sinceSeq.describe('Default 0: from the first event there is'),
    limit: z.number().int().min(1).max(5000).nullish(),
  }),
  result: z.object({
    data: z.array(goalEventSchema),
    nextSeq: z.number().int().describe('Pass it as sinceSeq for the next page'),
    storeEpoch: z.string(),
  }),
  errors: ['cursor_expired', 'feature_disabled'],
});

export const goalSubscribe = defineRequest({
  method: 'goal/subscribe',
  summary:
    'Streams goal/event: first what is stored after sinceSeq, then live, without gap or repeat.',
  params: z.object({
    sinceSeq: sinceSeq.describe('Default: only what happens from now on'),
    storeEpoch: z.string().nullish().describe('The epoch sinceSeq belongs to'),
    threadIds: z.array(idSchema).min(1).max(1000).nullish(),
    types: z.array(eventTypeSchema).min(1).nullish(),
  }),
  result: z.object({ subscriptionId: idSchema, headSeq: z.number().int(), storeEpoch: z.string() }),
  errors: ['cursor_expired', 'epoch_changed', 'feature_disabled'],
});

export const goalUnsubscribe = defineRequest({
  method: 'goal/unsubscribe',
  summary: 'Ends a subscription of this connection. An unknown id is no error.',
  params: z.object({ subscriptionId: idSchema }),
  result: z.object({}),
});

export const goalEvent = defineNotification({
  method: 'goal/event',
  summary: 'One durable event of a subscription.',
  params: goalEventSchema.extend({ subscriptionId: idSchema, emittedAtMs: emittedAtMsSchema }),
});
