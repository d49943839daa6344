import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const turnSettingsUpdate =
  ({ turns }: Services): Handler<typeof requests.turnSettingsUpdate> =>
  (params, context) => ({
    status: turns.setModel(params, mutationContext(context, params))
      ? 'applied'
      : 'targetUnavailable',
  });
