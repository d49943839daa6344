import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const experimentalFeatureList =
  ({ identity, threads }: Services): Handler<typeof requests.experimentalFeatureList> =>
  (params) => {
    if (params.threadId != null) threads.require(params.threadId);
    return pageOf(
      Object.entries(identity.features()).map(([name, enabled]) => ({
        name,
        stage: 'stable' as const,
        displayName: null,
        description: null,
        announcement: null,
        enabled,
        defaultEnabled: true,
      })),
      params,
    );
  };
