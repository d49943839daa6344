import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const skillsList =
  ({ identity }: Services): Handler<typeof requests.skillsList> =>
  ({ cwds }) => ({
    data: identity.folders(cwds).map((cwd) => ({ cwd, skills: [], errors: [] })),
  });
