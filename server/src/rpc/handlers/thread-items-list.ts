import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadItemsList =
  ({ itemQueries }: Services): Handler<typeof requests.threadItemsList> =>
  (params) =>
    itemQueries.list(params);
