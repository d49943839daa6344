import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadArchive =
  (services: Services): Handler<typeof requests.threadArchive> =>
  async (params, context) => {
    await services.threads.archive(params.threadId, mutationContext(context, params));
    return {};
  };
