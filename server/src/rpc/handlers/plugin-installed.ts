import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const pluginInstalled = (): Handler<typeof requests.pluginInstalled> => () => ({
  marketplaces: [],
  marketplaceLoadErrors: [],
});
