import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const mcpServerStatusList =
  ({ mcp, threads }: Services): Handler<typeof requests.mcpServerStatusList> =>
  async (params) => {
    const { serverName, detail } = params;
    const threadId = params.threadId == null ? null : threads.require(params.threadId).id;
    const resources = detail !== 'toolsAndAuthOnly';
    return pageOf(await mcp.statuses({ threadId, name: serverName ?? null, resources }), params);
  };
