import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadReadStateUpdate =
  ({ readStates }: Services): Handler<typeof requests.threadReadStateUpdate> =>
  (params, context) => ({
    readState: readStates.update(params, mutationContext(context, params)),
  });
