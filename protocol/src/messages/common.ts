import * as z from 'zod';
import { cursorSchema, idempotencyKeySchema } from '../ids.js';

export const SORT_DIRECTIONS = ['asc', 'desc'] as const;
export const sortDirectionSchema = z.enum(SORT_DIRECTIONS);

/** Present on every notification goald sends. */
export const emittedAtMsSchema = z
  .number()
  .int()
  .describe('When the daemon sent it, Unix milliseconds');

/** Fields every paged request takes. */
export const pageParams = {
  cursor: cursorSchema.nullish().describe('nextCursor of the page before'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .nullish()
    .describe('Page size; each method has its default'),
};

/** Fields every mutation takes. */
export const mutationParams = {
  idempotencyKey: idempotencyKeySchema
    .nullish()
    .describe(
      'A repeat with the same key within 24 hours answers the first result and does nothing',
    ),
};

/** Makes a mutation a compare-and-set on the goal. */
export const expectedRevisionSchema = z
  .number()
  .int()
  .nullish()
  .describe('Refuse with revision_conflict unless the goal has this revision');

export const emptyResultSchema = z.object({});

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export const sandboxModeSchema = z.enum(SANDBOX_MODES);
export type SandboxMode = z.infer<typeof sandboxModeSchema>;

/** `fast` is another name of `priority`; `default` and `auto` ask for the standard tier. */
export const SERVICE_TIERS = ['priority', 'fast', 'default', 'auto'] as const;
export const serviceTierSchema = z.enum(SERVICE_TIERS);
export type ServiceTier = z.infer<typeof serviceTierSchema>;

export const APPROVAL_POLICIES = ['never', 'on-request', 'untrusted'] as const;
export const approvalPolicySchema = z.enum(APPROVAL_POLICIES);
export type ApprovalPolicy = z.infer<typeof approvalPolicySchema>;
