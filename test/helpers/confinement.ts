import { configSchema } from '@goald/protocol';
import { Confinements } from '@goald/server/engine/confinement/confinements.js';
import type { Repositories } from '@goald/server/store/repositories/index.js';

/** Confinements as on a machine that can enforce none; `problem` null: one that can. */
export function confinementsOver(
  repositories: Repositories,
  problem: string | null = 'This machine has no sandbox.',
): Confinements {
  const config = configSchema.parse({});
  return new Confinements({
    repositories,
    config: () => config,
    support: { problem },
    projectNetwork: () => null,
  });
}
