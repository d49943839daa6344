import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalReport =
  (services: Services): Handler<typeof requests.goalReport> =>
  async (params) => {
    assertGoals(services);
    return { report: await services.reports.report(params) };
  };
