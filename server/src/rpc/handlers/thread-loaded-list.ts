import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadLoadedList =
  (services: Services): Handler<typeof requests.threadLoadedList> =>
  (params) =>
    services.threadQueries.loaded(services.subscribedThreads(), params);
