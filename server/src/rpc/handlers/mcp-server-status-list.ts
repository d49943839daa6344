import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const mcpServerStatusList =
  ({ mcp }: Services): Handler<typeof requests.mcpServerStatusList> =>
  async (params) => {
    const { serverName, detail } = params;
    const asked = { name: serverName ?? null, resources: detail !== 'toolsAndAuthOnly' };
    return pageOf(await mcp.statuses(asked), params);
  };
