import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalBlockerList =
  (services: Services): Handler<typeof requests.goalBlockerList> =>
  ({ threadId }) => {
    assertGoals(services);
    return { data: services.blockers.list(threadId) };
  };
