import type { Config, McpHttpServer } from '@goald/protocol';

/** What is sent with each request to a server, its token among it. */
export function headersOf(
  { headers, bearerTokenEnvVar }: McpHttpServer,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const token = bearerTokenEnvVar === undefined ? undefined : env[bearerTokenEnvVar];
  return token === undefined ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/** Texts of servers that must not stand in logs and exports. */
export function secretsOf(
  servers: Config['mcpServers'],
  env: NodeJS.ProcessEnv,
): readonly string[] {
  return Object.values(servers).flatMap((server) => {
    if (!('url' in server)) return [];
    const token = server.bearerTokenEnvVar === undefined ? [] : [env[server.bearerTokenEnvVar]];
    return [...Object.values(server.headers), ...token].filter((text) => text !== undefined);
  });
}
