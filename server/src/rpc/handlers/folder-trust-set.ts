import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const folderTrustSet =
  (services: Services): Handler<typeof requests.folderTrustSet> =>
  (params, context) => {
    const { path, trust } = params;
    return { root: services.projects.decide(path, trust, mutationContext(context, params)), trust };
  };
