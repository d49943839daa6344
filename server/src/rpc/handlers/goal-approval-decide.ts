import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalApprovalDecide =
  (services: Services): Handler<typeof requests.goalApprovalDecide> =>
  (params, context) => ({
    approval: services.approvals.decide(params, mutationContext(context, params)),
  });
