import * as z from 'zod';
import { defineNotification, defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { emittedAtMsSchema } from './common.js';

// What the daemon asks of people through their clients, under the names of the reference protocol.

const ELSEWHERE =
  'Sent to every client of the thread that declared requiredHumanApproval; the first real answer counts, an error is none. Asked again, under the same id, of whoever attaches while it is open.';

const argv = z.array(z.string().min(1).max(4000)).min(1).max(100);

export const commandDecisionSchema = z.union([
  z.enum(['accept', 'acceptForSession', 'decline', 'cancel']),
  z.object({ acceptWithExecpolicyAmendment: z.object({ execpolicy_amendment: argv }) }),
]);
export type CommandDecision = z.infer<typeof commandDecisionSchema>;

export const FILE_DECISIONS = ['accept', 'acceptForSession', 'decline', 'cancel'] as const;

const asked = {
  threadId: idSchema,
  turnId: idSchema,
  itemId: idSchema.describe('The item that was started for the call'),
};
const askedForApproval = {
  ...asked,
  startedAtMs: z.number().int().describe('When it was first asked'),
  reason: z.string().nullable(),
};

export const commandExecutionRequestApproval = defineRequest({
  method: 'item/commandExecution/requestApproval',
  direction: 'serverToClient',
  summary: `Asks whether a command may run. ${ELSEWHERE}`,
  params: z.object({
    kind: z.literal('command'),
    ...askedForApproval,
    approvalId: z.null(),
    environmentId: z.null(),
    command: z.string(),
    cwd: z.string().describe('Absolute path'),
    commandActions: z.array(z.object({ type: z.literal('unknown'), command: z.string() })),
    proposedExecpolicyAmendment: argv
      .nullable()
      .describe('Words with which a command may begin from now on without being asked for'),
    availableDecisions: z.array(commandDecisionSchema),
  }),
  result: z.object({ decision: commandDecisionSchema }),
});

export const fileChangeRequestApproval = defineRequest({
  method: 'item/fileChange/requestApproval',
  direction: 'serverToClient',
  summary: `Asks whether files may be changed; the item has the changes. ${ELSEWHERE}`,
  params: z.object({ ...askedForApproval, grantRoot: z.null() }),
  result: z.object({ decision: z.enum(FILE_DECISIONS) }),
});

export const toolRequestUserInput = defineRequest({
  method: 'item/tool/requestUserInput',
  direction: 'serverToClient',
  summary: `Asks what the agent needs to know to go on. ${ELSEWHERE}`,
  params: z.object({
    ...asked,
    questions: z.array(
      z.object({
        id: idSchema,
        header: z.string(),
        question: z.string(),
        isOther: z.boolean().describe('Any words may be answered'),
        isSecret: z.boolean(),
        options: z.null(),
      }),
    ),
    isBlocking: z.boolean(),
    autoResolutionMs: z.null(),
  }),
  result: z.object({
    answers: z
      .record(z.string(), z.object({ answers: z.array(z.string()) }))
      .describe('By the id of the question'),
  }),
});

export const serverRequestResolved = defineNotification({
  method: 'serverRequest/resolved',
  summary:
    'A request of the daemon needs no answer any more: a client answered it, or it was withdrawn. Sent to all that were asked.',
  params: z.object({
    threadId: idSchema,
    requestId: idSchema,
    emittedAtMs: emittedAtMsSchema,
  }),
});
