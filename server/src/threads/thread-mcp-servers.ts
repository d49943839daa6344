import {
  type Config,
  MCP_SERVER_NAME,
  mcpServersSchema,
  ProtocolError,
  type ThreadConfig,
  type ThreadMcpServer,
  threadMcpServersSchema,
} from '@goald/protocol';
import type * as z from 'zod';

export type McpServerConfigs = Config['mcpServers'];

const KEY = 'mcp_servers';
/** mcp_servers.NAME, and further down. */
const DOTTED = /^mcp_servers(\.[A-Za-z0-9_-]+)+$/;
const MOST_SERVERS = 64;
const MOST_CHARS = 256 * 1024;

/**
 * The MCP servers that a client's `config` gives a thread; null where it says nothing of them. Programs that name no folder start in
 * `cwd`. Throws invalid_params.
 */
export function mcpServersOf(
  config: ThreadConfig | null | undefined,
  cwd: string,
): McpServerConfigs | null {
  const given = collected(config ?? {});
  if (given === null) return null;
  const read = threadMcpServersSchema.safeParse(given);
  if (!read.success) throw refused(read.error.issues);
  const servers = Object.entries(read.data).map(([name, server]) => [name, asOurs(server, cwd)]);
  const checked = mcpServersSchema.safeParse(Object.fromEntries(servers));
  if (!checked.success) throw refused(checked.error.issues);
  if (servers.length > MOST_SERVERS) {
    throw wrong([], `a thread has at most ${String(MOST_SERVERS)} servers of its own`);
  }
  if (JSON.stringify(checked.data).length > MOST_CHARS) {
    throw wrong([], `all servers together have at most ${String(MOST_CHARS)} characters`);
  }
  return checked.data;
}

/** Dotted keys say the same as nested ones, and more precisely: they come over them. */
function collected(config: ThreadConfig): Record<string, unknown> | null {
  const nested = config[KEY] ?? null;
  const root: Record<string, unknown> = { [KEY]: nested === null ? null : structuredClone(nested) };
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(`${KEY}.`)) continue;
    if (!DOTTED.test(key) || key.includes('__proto__')) {
      throw wrong([], `the key ${JSON.stringify(key)} is no dotted path of plain names`);
    }
    const path = key.split('.');
    let place = root;
    for (const part of path.slice(0, -1)) {
      const next: Record<string, unknown> =
        Object.hasOwn(place, part) && isObject(place[part]) ? place[part] : {};
      place[part] = next;
      place = next;
    }
    place[path.at(-1) ?? ''] = value;
  }
  return isObject(root[KEY]) ? root[KEY] : null;
}

/** The same server in the words of goald's own configuration. */
function asOurs(server: ThreadMcpServer, cwd: string): object {
  const approvals = Object.entries(server.tools ?? {}).flatMap(
    ([tool, { approval_mode: mode }]): [string, string][] => (mode == null ? [] : [[tool, mode]]),
  );
  const isProgram = server.command != null;
  const words = {
    command: server.command,
    args: server.args,
    env: server.env,
    cwd: isProgram ? (server.cwd ?? cwd) : server.cwd,
    url: server.url,
    headers: server.http_headers,
    bearerTokenEnvVar: server.bearer_token_env_var,
    enabled: server.enabled,
    startupTimeoutSeconds: server.startup_timeout_sec,
    toolTimeoutSeconds: server.tool_timeout_sec,
    enabledTools: server.enabled_tools,
    disabledTools: server.disabled_tools,
    approval: server.default_tools_approval_mode,
    ...(approvals.length === 0 ? {} : { toolApproval: Object.fromEntries(approvals) }),
  };
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value != null));
}

function refused(issues: readonly z.core.$ZodIssue[]): ProtocolError {
  const [first] = issues;
  const isName = first?.code === 'invalid_key';
  const message = isName
    ? `the name of a server is like ${MCP_SERVER_NAME.source}`
    : (first?.message ?? 'not valid');
  return wrong(first?.path.map(String) ?? [], message);
}

function wrong(path: readonly string[], message: string): ProtocolError {
  const where = ['config', KEY, ...path];
  return new ProtocolError('invalid_params', `${where.join('.')}: ${message}`, {
    issues: [{ path: where, message }],
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
