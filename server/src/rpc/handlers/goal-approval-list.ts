import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalApprovalList =
  (services: Services): Handler<typeof requests.goalApprovalList> =>
  (params) =>
    services.approvals.list(params);
