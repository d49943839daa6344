import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadNameSet =
  (services: Services): Handler<typeof requests.threadNameSet> =>
  (params, context) => {
    services.threads.setName(params.threadId, params.name, mutationContext(context, params));
    return {};
  };
