import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalList =
  (services: Services): Handler<typeof requests.goalList> =>
  (params) => {
    assertGoals(services);
    return services.goalQueries.list(params);
  };
