import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const configValueWrite =
  ({ clientConfig }: Services): Handler<typeof requests.configValueWrite> =>
  (params, context) => {
    const write = { ...params, edits: [params] };
    const written = clientConfig.write(write, mutationContext(context, params));
    return { status: 'ok', ...written, overriddenMetadata: null };
  };
