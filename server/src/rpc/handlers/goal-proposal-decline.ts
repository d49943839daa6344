import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalProposalDecline =
  (services: Services): Handler<typeof requests.goalProposalDecline> =>
  (params, context) => {
    assertGoals(services);
    return { goal: services.proposals.decline(params, mutationContext(context, params)) };
  };
