import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadGoalGet =
  (services: Services): Handler<typeof requests.threadGoalGet> =>
  ({ threadId }) => {
    assertGoals(services);
    return { goal: services.goals.get(threadId) };
  };
