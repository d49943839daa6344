import type { McpServerConfig, McpServerStatus } from '@goald/protocol';
import type { Tool } from '@modelcontextprotocol/client';
import type { McpServer } from './mcp-server.js';
import { modelNames } from './tool-names.js';

/** A tool of a server, under its name for the model. */
export interface NamedTool {
  readonly name: string;
  readonly server: McpServer;
  readonly tool: Tool;
}

/** More tools of one server are left out: providers take a hundred or two of all. */
const MOST_TOOLS = 128;

/** Starts what does not run, and waits until each start has succeeded or failed. Never rejects. */
export async function allStarted(
  servers: readonly McpServer[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(servers.map((server) => server.started(signal)));
}

/** What the servers offer now, by the order of their names. */
export function offeredTools(servers: readonly McpServer[]): readonly NamedTool[] {
  const offered = servers.flatMap((server) => {
    const isOffered = offeredBy(server.config);
    const tools = (server.opened?.tools ?? []).filter(({ name }) => isOffered(name));
    return tools
      .toSorted((a, b) => compare(a.name, b.name))
      .slice(0, MOST_TOOLS)
      .map((tool) => ({ server, tool }));
  });
  const names = modelNames(
    offered.map(({ server, tool }) => ({ server: server.name, tool: tool.name })),
  );
  return offered
    .map((one, at) => ({ ...one, name: names[at] ?? '' }))
    .toSorted((a, b) => compare(a.name, b.name));
}

/** Why tools that a server should offer are not there, one line a server. */
export function problemsOf(servers: readonly McpServer[]): readonly string[] {
  return servers.flatMap((server) => {
    const { runtimeStatus, error } = server.status({ resources: [], resourceTemplates: [] });
    return server.opened === null && runtimeStatus !== 'disabled'
      ? [`${server.name}: ${error ?? runtimeStatus ?? 'not there'}`]
      : [];
  });
}

/** The servers as clients see them; `name`: this one alone. Starts those, and waits for them. Never rejects. */
export async function statusesOf(
  servers: readonly McpServer[],
  { name, resources }: { readonly name: string | null; readonly resources: boolean },
): Promise<readonly McpServerStatus[]> {
  const asked = servers.filter((server) => name === null || server.name === name);
  await allStarted(asked, new AbortController().signal);
  const named = offeredTools(servers);
  const none = { resources: [], resourceTemplates: [] };
  return Promise.all(
    asked.map(async (server) => ({
      ...server.status(resources ? await server.resources() : none),
      toolNames: Object.fromEntries(
        named.filter((one) => one.server === server).map((one) => [one.tool.name, one.name]),
      ),
    })),
  );
}

/** By code units: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function offeredBy({
  enabled,
  enabledTools,
  disabledTools,
}: McpServerConfig): (tool: string) => boolean {
  return (tool) =>
    enabled && (enabledTools?.includes(tool) ?? true) && !disabledTools.includes(tool);
}
