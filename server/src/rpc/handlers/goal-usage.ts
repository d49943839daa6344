import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalUsage =
  (services: Services): Handler<typeof requests.goalUsage> =>
  (params) => {
    assertGoals(services);
    return services.goalQueries.usage(params);
  };
