import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';

export const diffStatSchema = z.object({
  filesChanged: z.number().int(),
  insertions: z.number().int(),
  deletions: z.number().int(),
  files: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['added', 'modified', 'deleted']),
      insertions: z.number().int(),
      deletions: z.number().int(),
    }),
  ),
});
export type DiffStat = z.infer<typeof diffStatSchema>;

export const verificationResultSchema = z.object({
  name: z.string(),
  command: z.string(),
  exitCode: z.number().int().nullable().describe('null: it did not end by itself'),
  signal: z.string().nullish().describe('The signal that ended it, such as SIGSEGV'),
  timedOut: z.boolean(),
  durationMs: z.number().int().describe('Of the last try'),
  digest: z.string().describe('The part of the output that tells why'),
  attempts: z.number().int().optional().describe('Tries it took; 0: it was not run'),
  flaky: z
    .boolean()
    .optional()
    .describe('It failed and then passed on the same tree; it counts as passed'),
  leftProcesses: z
    .number()
    .int()
    .optional()
    .describe('Background processes it left behind; they were ended'),
  log: z
    .object({
      path: z.string().describe('Absolute file of the daemon with the output of the last try'),
      bytes: z.number().int(),
      truncated: z.boolean().describe('The output was longer than verification.logBytes'),
    })
    .nullish(),
});
export type VerificationResult = z.infer<typeof verificationResultSchema>;

export const evidenceSchema = z.object({
  criterion: z.string(),
  proof: z.string(),
  requirement: z.string().optional().describe('The requirement of the goal it is for'),
  runId: idSchema.optional().describe('The verification run it was proposed with'),
  treeId: z.string().optional().describe('The tree it was proposed on'),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const COVERAGE_KINDS = ['summary', 'lcov', 'xml', 'data'] as const;
export const coverageSchema = z.object({
  kind: z.enum(COVERAGE_KINDS),
  path: z.string().describe('In the goal’s folder'),
  bytes: z.number().int(),
  written: z.boolean().describe('Written while the commands ran; else it was there before'),
  linesPercent: z.number().nullable().describe('null where the file does not tell, or is not read'),
  copy: z.string().nullable().describe('Absolute file of the daemon; null when over its limit'),
});
export type Coverage = z.infer<typeof coverageSchema>;

export const runArtifactsSchema = z.object({
  diffStat: diffStatSchema
    .nullable()
    .describe('What the goal had changed when the commands had run; at most 200 files are named'),
  coverage: coverageSchema.nullable(),
});
export type RunArtifacts = z.infer<typeof runArtifactsSchema>;

export const RUN_REQUESTERS = ['proposal', 'user'] as const;

export const verificationRunSchema = z.object({
  runId: idSchema,
  goalId: idSchema,
  turnId: idSchema.nullable(),
  requestedBy: z.enum(RUN_REQUESTERS).describe('proposal: the gate; user: goal/verify'),
  status: z.enum(['running', 'passed', 'failed', 'void']),
  reason: z.string().nullable().describe('Why a void run does not count'),
  treeId: z.string().nullable().describe('The tree the commands ran on'),
  results: z.array(verificationResultSchema),
  flaky: z.array(z.string()).describe('Names of the commands that failed before they passed'),
  evidence: z.array(evidenceSchema).describe('What was proposed with it'),
  artifacts: runArtifactsSchema.nullable(),
  startedAtMs: z.number().int(),
  completedAtMs: z.number().int().nullable(),
});
export type VerificationRun = z.infer<typeof verificationRunSchema>;

export const REFUSAL_CAUSES = ['failed', 'void', 'evidence'] as const;
export const refusalSchema = z.object({
  turnId: idSchema.nullable(),
  runId: idSchema.nullable(),
  cause: z
    .enum(REFUSAL_CAUSES)
    .describe('evidence: a requirement had none; void: files changed while the commands ran'),
  evidence: z.array(evidenceSchema),
  counts: z.boolean().describe('False once a user has edited or resumed the goal since'),
  atMs: z.number().int(),
});
export type Refusal = z.infer<typeof refusalSchema>;

export const pathBreachSchema = z.object({
  turnId: idSchema,
  path: z.string().describe('From the repository’s folder'),
  change: z.enum(['added', 'modified', 'deleted']),
  rule: z.string().describe('The pattern of deny, or that it is not in allow'),
  undone: z.boolean(),
  reason: z.string().nullable().describe('Why it was not undone'),
  keptAs: z.string().nullable().describe('Absolute file of the daemon with what was undone'),
  atMs: z.number().int(),
});
export type PathBreach = z.infer<typeof pathBreachSchema>;

export const goalVerify = defineRequest({
  method: 'goal/verify',
  summary:
    'Runs the verification commands now, without a model, and answers when they have ended. The goal stays as it is. Cancelling the request or closing the connection ends them.',
  params: z.object({ threadId: idSchema }),
  result: z.object({ run: verificationRunSchema }),
  errors: ['thread_not_found', 'goal_not_found', 'invalid_transition', 'feature_disabled'],
});
