import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const configRequirementsRead =
  (): Handler<typeof requests.configRequirementsRead> => () => ({
    supportsIndependentSpeedModes: null,
    requirements: null,
  });
