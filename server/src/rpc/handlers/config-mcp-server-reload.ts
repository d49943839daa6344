import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const configMcpServerReload =
  ({ mcp }: Services): Handler<typeof requests.configMcpServerReload> =>
  async () => {
    await mcp.reload();
    return {};
  };
