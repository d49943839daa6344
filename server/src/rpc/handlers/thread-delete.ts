import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadDelete =
  (services: Services): Handler<typeof requests.threadDelete> =>
  async (params, context) => {
    await services.threads.delete(params.threadId, mutationContext(context, params));
    return {};
  };
