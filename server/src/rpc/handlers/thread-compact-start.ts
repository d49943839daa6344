import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadCompactStart =
  ({ turns }: Services): Handler<typeof requests.threadCompactStart> =>
  (params, context) => {
    turns.compact(params, mutationContext(context, params));
    return {};
  };
