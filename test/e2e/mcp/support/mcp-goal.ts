import { join } from 'node:path';
import { notifications, requests, type McpServerStatus, type ThreadItem } from '@goald/protocol';
import { makeRepository } from '../../../helpers/git-repository.js';
import { goalSetup, QUICK, type GoalSetup } from '../../../helpers/goal-setup.js';
import type { McpServerInput } from '../../../helpers/mcp/scripted.js';
import type { Script } from '../../../helpers/model-server/index.js';

export type McpToolCallItem = Extract<ThreadItem, { type: 'mcpToolCall' }>;

/** A goal whose daemon has MCP servers. */
export async function mcpGoal(options: {
  readonly servers: Readonly<Record<string, McpServerInput>>;
  readonly script: Script;
  /** Absolute folder to make the repository in; default: one of its own. */
  readonly repository?: string;
}): Promise<GoalSetup> {
  return goalSetup({
    script: options.script,
    repository: (into) =>
      makeRepository(options.repository ?? join(into, 'repo'), { 'a.txt': 'one\n' }),
    config: { ...QUICK, mcpServers: options.servers },
  });
}

/** The finished calls of MCP tools, as clients heard of them. */
export function mcpItems(setup: GoalSetup): McpToolCallItem[] {
  return setup.client
    .all(notifications.itemCompleted)
    .map(({ item }) => item)
    .filter((item) => item.type === 'mcpToolCall');
}

export async function status(setup: GoalSetup, name: string): Promise<McpServerStatus> {
  const { data } = await setup.client.request(requests.mcpServerStatusList, { serverName: name });
  const [found] = data;
  if (found === undefined) throw new Error(`no server ${name}`);
  return found;
}
