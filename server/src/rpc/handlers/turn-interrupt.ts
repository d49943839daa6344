import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const turnInterrupt =
  (services: Services): Handler<typeof requests.turnInterrupt> =>
  (params, context) => {
    services.turns.interrupt(params, mutationContext(context, params));
    return {};
  };
