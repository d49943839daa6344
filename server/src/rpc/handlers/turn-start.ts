import type { requests } from '@goald/protocol';
import { assertGoals, mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import { subscribeThread } from '../subscribe-thread.js';
import type { Services } from '../services.js';
import { settingsNews } from '../settings-news.js';

export const turnStart =
  (services: Services): Handler<typeof requests.turnStart> =>
  async (params, context) => {
    if (params.goalMode === true) assertGoals(services);
    const turn = await services.turns.start(params, mutationContext(context, params), (row) =>
      settingsNews(services, row),
    );
    subscribeThread(services, context, params.threadId);
    return { turn };
  };
