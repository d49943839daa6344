import * as z from 'zod';
import { defineRequest } from '../define.js';
import { pageParams } from './common.js';
import { permissionProfileIdSchema } from './sandbox.js';

const folders = z
  .array(z.string().max(4096))
  .max(100)
  .nullish()
  .describe('Default: the folder of threads that name none');

const modelSchema = z.object({
  id: z.string(),
  model: z.string(),
  upgrade: z.null(),
  upgradeInfo: z.null(),
  availabilityNux: z.null(),
  displayName: z.string(),
  description: z.string(),
  modelSpecialty: z.null(),
  hidden: z.boolean(),
  supportedReasoningEfforts: z.array(
    z.object({ reasoningEffort: z.string(), description: z.string() }),
  ),
  defaultReasoningEffort: z.string(),
  inputModalities: z.array(z.literal('text')),
  supportsPersonality: z.literal(false),
  multiAgentVersion: z.null(),
  additionalSpeedTiers: z.array(z.string()),
  serviceTiers: z.array(z.object({ id: z.string(), name: z.string(), description: z.string() })),
  defaultServiceTier: z.string().nullable(),
  availableAccessPrograms: z.null(),
  isDefault: z.boolean(),
});
export type ListedModel = z.infer<typeof modelSchema>;

export const modelList = defineRequest({
  method: 'model/list',
  summary:
    'Models to choose from: that of the configuration, those with a price, and what the provider lists.',
  params: z.object({
    ...pageParams,
    includeHidden: z.boolean().nullish(),
    modelProvider: z.string().max(200).nullish(),
  }),
  result: z.object({ data: z.array(modelSchema), nextCursor: z.string().nullable() }),
});

export const hooksList = defineRequest({
  method: 'hooks/list',
  summary: 'Hooks of folders: none, goald runs no hooks.',
  params: z.object({ cwds: folders, threadId: z.string().max(200).nullish() }),
  result: z.object({
    data: z.array(
      z.object({
        cwd: z.string(),
        hooks: z.array(z.never()),
        warnings: z.array(z.string()),
        errors: z.array(z.never()),
      }),
    ),
  }),
});

export const skillsList = defineRequest({
  method: 'skills/list',
  summary: 'Skills of folders: none, goald has no skills.',
  params: z.object({ cwds: folders, forceReload: z.boolean().nullish() }),
  result: z.object({
    data: z.array(
      z.object({ cwd: z.string(), skills: z.array(z.never()), errors: z.array(z.never()) }),
    ),
  }),
});

export const pluginInstalled = defineRequest({
  method: 'plugin/installed',
  summary: 'Installed plugins: none, goald has no plugins.',
  params: z.object({
    cwds: folders,
    installSuggestionPluginNames: z.array(z.string()).max(1000).nullish(),
  }),
  result: z.object({
    marketplaces: z.array(z.never()),
    marketplaceLoadErrors: z.array(z.never()),
  }),
});

export const experimentalFeatureList = defineRequest({
  method: 'experimentalFeature/list',
  summary: 'The features that the configuration can switch.',
  params: z.object({ ...pageParams, threadId: z.string().max(200).nullish() }),
  result: z.object({
    data: z.array(
      z.object({
        name: z.string(),
        stage: z.literal('stable'),
        displayName: z.null(),
        description: z.null(),
        announcement: z.null(),
        enabled: z.boolean(),
        defaultEnabled: z.boolean(),
      }),
    ),
    nextCursor: z.string().nullable(),
  }),
});

export const permissionProfileList = defineRequest({
  method: 'permissionProfile/list',
  summary: 'Sandboxes by name, and which of them this machine can enforce.',
  params: z.object({ ...pageParams, cwd: z.string().max(4096).nullish() }),
  result: z.object({
    data: z.array(
      z.object({
        id: permissionProfileIdSchema,
        description: z.string().nullable(),
        allowed: z.boolean(),
      }),
    ),
    nextCursor: z.string().nullable(),
  }),
});
