import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadBackgroundTerminalsClean =
  ({ turns }: Services): Handler<typeof requests.threadBackgroundTerminalsClean> =>
  async (params, context) => {
    await turns.endProcesses(params, mutationContext(context, params));
    return {};
  };
