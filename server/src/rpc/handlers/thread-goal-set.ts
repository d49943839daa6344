import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadGoalSet =
  (services: Services): Handler<typeof requests.threadGoalSet> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.goals.set(params, mutationContext(context, params)) };
  };
