import {
  approvalPolicySchema,
  COLLABORATION_MODES,
  constraintsSchema,
  evidenceSchema,
  EXPORT_FORMAT,
  EXPORT_VERSION,
  goalStatusSchema,
  isolationSchema,
  planningSchema,
  planStepSchema,
  progressSchema,
  runArtifactsSchema,
  sandboxModeSchema,
  statusReasonSchema,
  threadItemSchema,
  turnErrorSchema,
  verificationCommandSchema,
  verificationResultSchema,
} from '@goald/protocol';
import * as z from 'zod';
import type { ColumnInfo } from '../../store/repositories/transfer.js';

export const headerSchema = z.object({
  type: z.literal('header'),
  format: z.literal(EXPORT_FORMAT, { error: `this is no ${EXPORT_FORMAT} file` }),
  version: z
    .number()
    .int()
    .max(EXPORT_VERSION, { error: 'the file was written by a newer goald: update this one' }),
  schema: z.number().int(),
  exportedAtMs: z.number().int(),
  daemonVersion: z.string(),
});

export const endSchema = z.object({
  type: z.literal('end'),
  rows: z.number().int().describe('Of this thread, header and end not counted'),
});

const id = z.uuid({ error: 'an id is a UUID' });
const opaque = z.record(z.string(), z.unknown()).nullable();

const historySchema = z.array(
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('user'),
      text: z.string(),
      images: z
        .array(
          z.strictObject({
            url: z.string().regex(/^(?:data:image\/|https?:\/\/)/),
            detail: z.enum(['auto', 'low', 'high']).optional(),
          }),
        )
        .optional(),
      duringResponseId: id.optional(),
      isSummary: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal('assistant'), responseId: id, text: z.string() }),
    z.strictObject({ kind: z.literal('reasoning'), responseId: id, opaque }),
    z.strictObject({
      kind: z.literal('toolCall'),
      responseId: id,
      callId: z.string(),
      name: z.string(),
      arguments: z.string(),
    }),
    z.strictObject({ kind: z.literal('toolOutput'), callId: z.string(), output: z.string() }),
  ]),
);

const definitionSchema = z.looseObject({
  requirements: z.array(z.string()),
  constraints: constraintsSchema,
  verification: z.array(verificationCommandSchema),
  role: z.string().nullable(),
  isolation: isolationSchema,
  planning: planningSchema,
  approvalPolicy: approvalPolicySchema.nullable(),
  sandbox: sandboxModeSchema.nullable(),
  networkAccess: z.boolean().nullish(),
});

/** What stands in columns of JSON, by `type.column`. Whatever else is JSON is taken as it comes. */
const JSON_COLUMNS: Readonly<Record<string, z.ZodType>> = {
  'thread.git_json': z.object({
    sha: z.string().nullable(),
    branch: z.string().nullable(),
    originUrl: z.string().nullable(),
  }),
  'goal.status_reason_json': statusReasonSchema,
  'goal.definition_json': definitionSchema,
  'goal.progress_json': progressSchema,
  'goal.evidence_json': z.array(evidenceSchema),
  'goal.notices_json': z.array(z.string()),
  'turn.error_json': turnErrorSchema,
  'item.wire_json': threadItemSchema,
  'item.history_json': historySchema,
  'request.tool_calls_json': z.array(z.string()),
  'compaction.entries_json': historySchema,
  'plan.steps_json': z.array(planStepSchema),
  'verification.results_json': z.array(verificationResultSchema),
  'verification.evidence_json': z.array(evidenceSchema),
  'verification.artifacts_json': runArtifactsSchema,
  'goal.changed_checks_json': z.array(z.string()),
  'refusal.evidence_json': z.array(evidenceSchema),
};

/** Values of columns that say more than their type. */
const COLUMNS: Readonly<Record<string, z.ZodType>> = {
  'thread.mode': z.enum(COLLABORATION_MODES),
  'goal.status': goalStatusSchema,
  'turn.status': z.enum(['completed', 'interrupted', 'failed']),
  'request.state': z.literal('charged'),
};

const ID_COLUMN = /^(id|goal_id|thread_id|turn_id|request_id)$/;

/** The schema of one kind of row, made of the columns of its table. Columns with a default may be missing: an older goald did not know them. */
export function rowSchema(
  type: string,
  columns: readonly ColumnInfo[],
): z.ZodType<{ row: Record<string, unknown> }> {
  const fields = columns.map((column): [string, z.ZodType] => {
    const value = valueSchema(type, column);
    return [column.name, column.isRequired ? value : value.nullish()];
  });
  const row = z.strictObject(Object.fromEntries(fields));
  return z.strictObject({ type: z.literal(type), row });
}

function valueSchema(type: string, { name, type: sqlType }: ColumnInfo): z.ZodType {
  const known = COLUMNS[`${type}.${name}`];
  if (known !== undefined) return known;
  if (name.endsWith('_json')) return JSON_COLUMNS[`${type}.${name}`] ?? z.unknown();
  if (ID_COLUMN.test(name)) return id;
  switch (sqlType) {
    case 'INTEGER':
      return z.number().int();
    case 'REAL':
      return z.number();
    case 'TEXT':
      return z.string();
  }
}
