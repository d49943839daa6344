import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadItemsRead =
  ({ itemQueries }: Services): Handler<typeof requests.threadItemsRead> =>
  ({ threadId, turnId, itemIds }) => ({ data: itemQueries.read(threadId, turnId, itemIds) });
