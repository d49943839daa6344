import * as z from 'zod';
import { defineRequest } from '../define.js';
import { approvalPolicySchema, mutationParams, sandboxModeSchema } from './common.js';
import { folderTrustSchema } from './folder-trust.js';

const layerNameSchema = z.object({
  type: z.literal('user'),
  file: z.string(),
  profile: z.null(),
});

const projectsSchema = z.record(z.string(), z.object({ trust_level: folderTrustSchema }));

export const configRead = defineRequest({
  method: 'config/read',
  summary:
    'The part of the configuration that the dialect has names for, with the folders the user was asked about.',
  params: z.object({ includeLayers: z.boolean().nullish(), cwd: z.string().max(4096).nullish() }),
  result: z.object({
    config: z.looseObject({
      model: z.string().nullable(),
      model_provider: z.string().nullable(),
      model_context_window: z.number().int().nullable(),
      approval_policy: approvalPolicySchema.nullable(),
      sandbox_mode: sandboxModeSchema.nullable(),
      service_tier: z.string().nullable(),
      features: z.record(z.string(), z.boolean()),
      projects: projectsSchema.describe('By root; the folder asked about is named as it was asked'),
    }),
    origins: z.record(z.string(), z.object({ name: layerNameSchema, version: z.string() })),
    layers: z
      .array(
        z.object({
          name: layerNameSchema,
          version: z.string(),
          config: z.looseObject({ projects: projectsSchema }),
          disabledReason: z.null(),
        }),
      )
      .nullable(),
  }),
});

export const MERGE_STRATEGIES = ['replace', 'upsert'] as const;
export const mergeStrategySchema = z.enum(MERGE_STRATEGIES);
export type MergeStrategy = z.infer<typeof mergeStrategySchema>;

const editShape = {
  keyPath: z.string().min(1).max(10_000).describe('Only what lies in projects can be written'),
  value: z.unknown(),
  mergeStrategy: mergeStrategySchema,
};
export const configEditSchema = z.object(editShape);
export type ConfigEdit = z.infer<typeof configEditSchema>;

const writeParams = {
  filePath: z.string().max(4096).nullish().describe('The configuration file of goald, or nothing'),
  expectedVersion: z
    .string()
    .max(200)
    .nullish()
    .describe('Refuse with revision_conflict unless config/read answers this version'),
  ...mutationParams,
};

const writeResultSchema = z.object({
  status: z.literal('ok'),
  version: z.string(),
  filePath: z.string().describe('Where it stands now'),
  overriddenMetadata: z.null(),
});

export const configValueWrite = defineRequest({
  method: 'config/value/write',
  summary: 'Stores whether the user trusts a folder, as folder/trust/set does. Nothing else.',
  params: z.object({ ...editShape, ...writeParams }),
  result: writeResultSchema,
  errors: ['policy_refused', 'revision_conflict'],
  mutation: true,
});

export const configBatchWrite = defineRequest({
  method: 'config/batchWrite',
  summary: 'Several config/value/write in one: all of them or none.',
  params: z.object({
    edits: z.array(configEditSchema).max(1000),
    reloadUserConfig: z.boolean().nullish(),
    ...writeParams,
  }),
  result: writeResultSchema,
  errors: ['policy_refused', 'revision_conflict'],
  mutation: true,
});

export const configRequirementsRead = defineRequest({
  method: 'configRequirements/read',
  summary: 'What an administrator demands of the configuration: nothing, goald has no such layer.',
  params: z.object({}),
  result: z.object({
    supportsIndependentSpeedModes: z.boolean().nullable(),
    requirements: z.null(),
  }),
});
