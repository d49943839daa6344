import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalVerify =
  (services: Services): Handler<typeof requests.goalVerify> =>
  async (params, context) => {
    assertGoals(services);
    const goal = services.goalQueries.resolve(params);
    const { actor } = mutationContext(context, {});
    return { run: await services.verification.run(goal, actor, context.signal) };
  };
