import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const reviewStart =
  ({ turns }: Services): Handler<typeof requests.reviewStart> =>
  async (params, context) => ({
    turn: await turns.review(params, mutationContext(context, params)),
    reviewThreadId: params.threadId,
  });
