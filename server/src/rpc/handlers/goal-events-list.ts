import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalEventsList =
  (services: Services): Handler<typeof requests.goalEventsList> =>
  (params) => {
    assertGoals(services);
    const sinceSeq = params.sinceSeq ?? 0;
    services.subscriptions.assertCursor(sinceSeq);
    const data = services.events.list(sinceSeq, params.limit ?? 500, {
      goalId: params.goalId ?? undefined,
      threadIds: params.threadId == null ? undefined : [params.threadId],
    });
    return {
      data,
      nextSeq: data.at(-1)?.seq ?? sinceSeq,
      storeEpoch: services.subscriptions.storeEpoch,
    };
  };
