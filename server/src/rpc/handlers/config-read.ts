import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const configRead =
  ({ clientConfig }: Services): Handler<typeof requests.configRead> =>
  ({ includeLayers, cwd }) =>
    clientConfig.read({ includeLayers: includeLayers ?? false, cwd: cwd ?? null });
