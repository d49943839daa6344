import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const turnSteer =
  (services: Services): Handler<typeof requests.turnSteer> =>
  async (params, context) => ({
    turnId: await services.turns.steer(params, mutationContext(context, params)),
  });
