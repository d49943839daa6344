import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import { subscribeThread } from '../subscribe-thread.js';
import { threadSettings } from '../thread-settings.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadStart =
  (services: Services): Handler<typeof requests.threadStart> =>
  async (params, context) => {
    const row = await services.threads.start(params, mutationContext(context, params));
    subscribeThread(services, context, row.id);
    return threadSettings(services, row, services.threads.view(row));
  };
