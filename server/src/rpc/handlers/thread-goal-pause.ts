import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadGoalPause =
  (services: Services): Handler<typeof requests.threadGoalPause> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.goals.pause(params, mutationContext(context, params)) };
  };
