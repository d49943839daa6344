import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadImport =
  (services: Services): Handler<typeof requests.threadImport> =>
  (params, context) =>
    services.importer.take(params, mutationContext(context, params));
