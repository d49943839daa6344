import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadExport =
  (services: Services): Handler<typeof requests.threadExport> =>
  (params) =>
    services.exporter.page(params);
