import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const folderTrustRead =
  (services: Services): Handler<typeof requests.folderTrustRead> =>
  async ({ cwd }) => {
    const { withoutEffect, ...state } = services.projects.state(cwd);
    const instructionFiles = await services.identity.instructionFiles(cwd);
    return {
      ...state,
      instructionFiles: [...instructionFiles],
      withoutEffect: [...withoutEffect],
    };
  };
