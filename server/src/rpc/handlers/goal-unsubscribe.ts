import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const goalUnsubscribe =
  (): Handler<typeof requests.goalUnsubscribe> =>
  async ({ subscriptionId }, { session }) => {
    await session.release(subscriptionId);
    return {};
  };
