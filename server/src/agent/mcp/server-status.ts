import type { McpRuntimeStatus, McpServerConfig, McpServerStatus } from '@goald/protocol';
import type { OpenedConnection } from './connection.js';

export interface ServerState {
  readonly status: McpRuntimeStatus;
  readonly error: string | null;
  readonly restarts: number;
  readonly opened: OpenedConnection | null;
  readonly resources: McpServerStatus['resources'];
  readonly resourceTemplates: McpServerStatus['resourceTemplates'];
}

/** A server as clients see it, but for the names that its tools have for the model. */
export function statusOf(
  name: string,
  config: McpServerConfig,
  { status, error, restarts, opened, resources, resourceTemplates }: ServerState,
): Omit<McpServerStatus, 'toolNames'> {
  const info = opened?.info ?? null;
  return {
    name,
    runtimeStatus: status,
    pluginId: null,
    httpOrigin: 'url' in config ? new URL(config.url).origin : null,
    serverInfo:
      info === null
        ? null
        : {
            name: info.name,
            title: info.title ?? null,
            version: info.version,
            description: info.description ?? null,
            icons: info.icons ?? null,
            websiteUrl: info.websiteUrl ?? null,
          },
    serverCapabilities: opened?.capabilities ?? null,
    toolListMeta: opened?.toolListMeta ?? null,
    tools: Object.fromEntries((opened?.tools ?? []).map((tool) => [tool.name, tool])),
    toolsError: opened === null ? error : null,
    resources,
    resourceTemplates,
    authStatus: authStatus(config, status),
    error,
    restarts,
  };
}

function authStatus(
  config: McpServerConfig,
  status: McpRuntimeStatus,
): McpServerStatus['authStatus'] {
  if (status === 'authenticationRequired') return 'notLoggedIn';
  const hasToken = 'url' in config && config.bearerTokenEnvVar !== undefined;
  return hasToken ? 'bearerToken' : 'unsupported';
}
