import * as z from 'zod';
import { VERIFICATION_MAX_SECONDS, verificationInputSchema } from './messages/goal.js';

/** Where a repository keeps its settings, below its root. */
export const PROJECT_SETTINGS_PATH = '.goald/config.json';

const ceiling = z.number().int().positive();

/**
 * A repository's own settings: read only while the user trusts its folder. A strict subset of the configuration, so that a repository
 * can say how it is worked on and no more. What stands here and not in it is refused: providers, keys, transport, other folders.
 */
export const projectSettingsSchema = z.strictObject({
  $schema: z.string().optional(),
  model: z
    .strictObject({ name: z.string().min(1).max(200) })
    .optional()
    .describe('For threads of this repository that name none; at the provider of the user'),
  verification: z
    .array(verificationInputSchema)
    .max(20)
    .optional()
    .describe('For new goals that name no verification commands'),
  sandbox: z
    .strictObject({
      network: z
        .boolean()
        .optional()
        .describe('Of threads and goals that say nothing of it; over the configuration'),
    })
    .optional(),
  limits: z
    .strictObject({
      tokenCeiling: ceiling.optional(),
      timeBudgetSeconds: ceiling.optional(),
      maxTurns: ceiling.optional(),
      maxTokenBudget: ceiling.optional(),
      verificationTimeoutSeconds: ceiling.max(VERIFICATION_MAX_SECONDS).optional(),
      maxVerificationTimeoutSeconds: ceiling.max(VERIFICATION_MAX_SECONDS).optional(),
      costBudgetUsd: z.number().positive().optional(),
      maxCostBudgetUsd: z.number().positive().optional(),
    })
    .optional()
    .describe('As limits of the configuration; only what is lower than there counts'),
});
export type ProjectSettings = z.output<typeof projectSettingsSchema>;
