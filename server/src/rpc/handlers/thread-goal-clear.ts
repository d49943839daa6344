import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadGoalClear =
  (services: Services): Handler<typeof requests.threadGoalClear> =>
  (params, context) => {
    assertGoals(services);
    return { cleared: services.goals.clear(params, mutationContext(context, params)) };
  };
