import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadBackgroundTerminalsTerminate =
  ({ turns }: Services): Handler<typeof requests.threadBackgroundTerminalsTerminate> =>
  async (params, context) => ({
    terminated: await turns.endProcess(params, mutationContext(context, params)),
  });
