import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadList =
  ({ threadQueries, readStates }: Services): Handler<typeof requests.threadList> =>
  (params) => {
    const page = threadQueries.list(params);
    return { ...page, readStates: readStates.ofAll(page.data.map(({ id }) => id)) };
  };
