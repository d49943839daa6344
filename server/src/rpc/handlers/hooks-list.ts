import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const hooksList =
  ({ identity }: Services): Handler<typeof requests.hooksList> =>
  ({ cwds }) => ({
    data: identity.folders(cwds).map((cwd) => ({ cwd, hooks: [], warnings: [], errors: [] })),
  });
