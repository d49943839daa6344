import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadGoalResume =
  (services: Services): Handler<typeof requests.threadGoalResume> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.goals.resume(params, mutationContext(context, params)) };
  };
