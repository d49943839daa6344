import type { McpRuntimeStatus, McpServerStatus } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { plural } from './format.js';
import { clean, oneLine } from './text.js';

const WORDS: Readonly<Record<McpRuntimeStatus, string>> = {
  notStarted: 'not started',
  starting: 'starting',
  connected: 'connected',
  authenticationRequired: 'wants a token',
  failed: 'failed',
  cancelled: 'ended',
  disabled: 'off',
};

const NONE =
  'No MCP servers. Add one to config.json: "mcpServers": { "memory": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"] } }\n';

/** Servers with their state, and the tools each offers under their names for the model. */
export function mcpListText(servers: readonly McpServerStatus[], paint: Paint): string {
  return servers.length === 0 ? NONE : servers.map((one) => serverText(one, paint)).join('');
}

function serverText(server: McpServerStatus, paint: Paint): string {
  const { name, runtimeStatus, error, httpOrigin, serverInfo, restarts } = server;
  const offered = Object.values(server.toolNames);
  const facts = [
    runtimeStatus === 'connected' ? plural(offered.length, 'tool') : null,
    serverInfo === null ? null : oneLine(`${serverInfo.name} ${serverInfo.version}`),
    httpOrigin,
    restarts === 0 ? null : plural(restarts, 'restart'),
  ].filter((fact) => fact !== null);
  const lines = [
    `${oneLine(name)}  ${painted(runtimeStatus, paint)}  ${facts.join(', ')}`.trimEnd(),
  ];
  if (error !== null) lines.push(`  ${clean(error).replaceAll('\n', '\n  ')}`);
  lines.push(...offered.map((tool) => `  ${paint.dim(tool)}`));
  return `${lines.join('\n')}\n`;
}

function painted(status: McpRuntimeStatus | null, paint: Paint): string {
  const word = WORDS[status ?? 'notStarted'];
  if (status === 'connected') return paint.green(word);
  return status === 'failed' || status === 'authenticationRequired'
    ? paint.red(word)
    : paint.yellow(word);
}
