import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadShellCommand =
  ({ turns }: Services): Handler<typeof requests.threadShellCommand> =>
  (params, context) => {
    turns.shellCommand(params, mutationContext(context, params));
    return {};
  };
