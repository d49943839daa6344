import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalProposalAccept =
  (services: Services): Handler<typeof requests.goalProposalAccept> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.proposals.accept(params, mutationContext(context, params)) };
  };
