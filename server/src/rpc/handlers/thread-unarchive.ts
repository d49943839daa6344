import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadUnarchive =
  (services: Services): Handler<typeof requests.threadUnarchive> =>
  (params, context) => {
    const row = services.threads.unarchive(params.threadId, mutationContext(context, params));
    return { thread: services.threads.view(row) };
  };
