import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadUnsubscribe =
  (services: Services): Handler<typeof requests.threadUnsubscribe> =>
  ({ threadId }, { session }) => {
    if (session.threads.delete(threadId)) return { status: 'unsubscribed' };
    const loaded = services.threadQueries.loaded(services.subscribedThreads(), {});
    return { status: loaded.data.includes(threadId) ? 'notSubscribed' : 'notLoaded' };
  };
