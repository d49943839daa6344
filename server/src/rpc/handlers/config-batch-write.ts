import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const configBatchWrite =
  ({ clientConfig }: Services): Handler<typeof requests.configBatchWrite> =>
  (params, context) => {
    const written = clientConfig.write(params, mutationContext(context, params));
    return { status: 'ok', ...written, overriddenMetadata: null };
  };
