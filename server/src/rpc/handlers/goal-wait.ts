import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalWait =
  (services: Services): Handler<typeof requests.goalWait> =>
  ({ threadId, until, timeoutMs }, { signal }) => {
    assertGoals(services);
    return services.waiters.wait(threadId, until ?? undefined, timeoutMs ?? undefined, signal);
  };
