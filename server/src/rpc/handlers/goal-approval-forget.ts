import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalApprovalForget =
  (services: Services): Handler<typeof requests.goalApprovalForget> =>
  (params, context) => {
    services.approvals.forget(params, mutationContext(context, params));
    return {};
  };
