import type { McpServer } from '@agentclientprotocol/sdk';
import { type ThreadMcpServer, threadMcpServerSchema } from '@goald/protocol';
import { oneLine } from '../output/text.js';

/** The MCP servers of an editor, as a thread takes them. */
export interface EditorServers {
  /** By a name that the daemon takes; empty: the editor has none that can be used. */
  readonly servers: Readonly<Record<string, ThreadMcpServer>>;
  /** What the user should know of those that are left out. */
  readonly notices: readonly string[];
}

const LONGEST_NAME = 32;

/** A server that cannot be used is left out and told of: it must not keep the session from being opened. */
export function editorServers(offered: readonly McpServer[]): EditorServers {
  const servers: Record<string, ThreadMcpServer> = {};
  const notices: string[] = [];
  for (const server of offered) {
    const read = threadMcpServerSchema.safeParse(asOverride(server));
    const why = read.success ? problemOf(read.data) : (read.error.issues[0]?.message ?? null);
    if (read.success && why === null) servers[freeName(server.name, servers)] = read.data;
    else {
      const name = oneLine(server.name);
      notices.push(
        `The MCP server \`${name}\` of the editor cannot be used: ${why ?? 'not valid'}.`,
      );
    }
  }
  return { servers, notices };
}

function asOverride(server: McpServer): unknown {
  if ('command' in server) {
    const { command, args, env } = server;
    return { command, args, env: textsOf(env) };
  }
  return server.type === 'http' ? { url: server.url, http_headers: textsOf(server.headers) } : {};
}

function problemOf({ command, url }: ThreadMcpServer): string | null {
  if (command != null) return null;
  if (url == null) return 'goald speaks to programs and to addresses of streamable HTTP';
  const isWeb = URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol);
  return isWeb ? null : `${oneLine(url)} is no address of http or https`;
}

function textsOf(
  pairs: readonly { readonly name: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

/** Names of editors are for people; those of the daemon are parts of names of tools. */
function freeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  const plain = name.replace(/[^A-Za-z0-9_-]+/gu, '_').slice(0, LONGEST_NAME) || 'server';
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? '' : `_${String(number)}`;
    const free = `${plain.slice(0, LONGEST_NAME - end.length)}${end}`;
    if (!Object.hasOwn(taken, free)) return free;
  }
}
