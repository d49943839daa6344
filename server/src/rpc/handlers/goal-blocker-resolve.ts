import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalBlockerResolve =
  (services: Services): Handler<typeof requests.goalBlockerResolve> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.blockers.resolve(params, mutationContext(context, params)) };
  };
