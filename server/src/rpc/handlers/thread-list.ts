import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadList =
  (services: Services): Handler<typeof requests.threadList> =>
  (params) => ({ ...services.threadQueries.list(params), readStates: null });
