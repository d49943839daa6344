import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const mcpServerStatusList = (): Handler<typeof requests.mcpServerStatusList> => () => ({
  data: [],
  nextCursor: null,
});
