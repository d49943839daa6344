import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadTurnsList =
  (services: Services): Handler<typeof requests.threadTurnsList> =>
  (params) =>
    services.threadQueries.turns(params.threadId, params);
