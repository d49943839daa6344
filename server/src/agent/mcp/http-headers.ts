import type { Config, McpHttpServer } from '@goald/protocol';

/** What is sent with each request to a server, its token among it. */
export function headersOf(
  { headers, bearerTokenEnvVar }: McpHttpServer,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const token = bearerTokenEnvVar === undefined ? undefined : env[bearerTokenEnvVar];
  return token === undefined ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/** Variables whose values nobody may read, by their names: other values are words that stand in any log. */
const SECRET_NAME = /key|token|secret|passw|credential|auth|dsn|cookie/i;

/** Texts of servers that must not stand in logs and exports. */
export function secretsOf(
  servers: Config['mcpServers'],
  env: NodeJS.ProcessEnv,
): readonly string[] {
  return Object.values(servers).flatMap((server) => {
    if (!('url' in server)) {
      const named = Object.entries(server.env).filter(([name]) => SECRET_NAME.test(name));
      return named.map(([, value]) => value);
    }
    const token = server.bearerTokenEnvVar === undefined ? [] : [env[server.bearerTokenEnvVar]];
    return [...Object.values(server.headers), ...token].filter((text) => text !== undefined);
  });
}
