import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalProposalList =
  (services: Services): Handler<typeof requests.goalProposalList> =>
  ({ threadId }) => {
    assertGoals(services);
    return { data: services.proposals.list(threadId) };
  };
