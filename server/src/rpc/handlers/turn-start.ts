import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const turnStart =
  (services: Services): Handler<typeof requests.turnStart> =>
  async (params, context) => {
    if (params.goalMode === true) assertGoals(services);
    const turn = await services.turns.start(params, mutationContext(context, params));
    context.session.threads.add(params.threadId);
    return { turn };
  };
