import {
  type Config,
  type McpRuntimeStatus,
  type McpServerConfig,
  type McpServerStatus,
} from '@goald/protocol';
import type { Tool } from '@modelcontextprotocol/client';
import type { Clock } from '../../engine/ports/clock.js';
import type { McpServerList } from '../../engine/ports/mcp.js';
import type { ConnectionOptions } from './connection.js';
import { McpServer } from './mcp-server.js';
import { modelNames } from './tool-names.js';

type StartupStatus = 'starting' | 'ready' | 'failed' | 'cancelled';

export interface McpServersOptions {
  readonly connect: ConnectionOptions;
  readonly clock: Clock;
  /** Between the end of a server and its first restart; doubled each time. Default 500. */
  readonly restartBaseMs?: number;
  /** A server's state has changed. Must not throw. */
  readonly onStatus: (told: {
    readonly threadId: null;
    readonly name: string;
    readonly status: StartupStatus;
    readonly error: string | null;
    readonly failureReason: 'reauthenticationRequired' | null;
  }) => void;
}

/** A tool of a server, under its name for the model. */
export interface NamedTool {
  readonly name: string;
  readonly server: McpServer;
  readonly tool: Tool;
}

const RESTART_BASE_MS = 500;
/** More tools of one server are left out: providers take a hundred or two of all. */
const MOST_TOOLS = 128;

const STARTUP: Readonly<Record<McpRuntimeStatus, StartupStatus | null>> = {
  notStarted: null,
  disabled: null,
  starting: 'starting',
  connected: 'ready',
  failed: 'failed',
  authenticationRequired: 'failed',
  cancelled: 'cancelled',
};

/** The servers of the configuration, started when they are first needed. */
export class McpServers implements McpServerList, AsyncDisposable {
  readonly #options: McpServersOptions;
  readonly #servers = new Map<string, McpServer>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(options: McpServersOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#servers.size === 0;
  }

  /** From now on these are the servers. Those that are as they were go on. */
  apply(configs: Config['mcpServers']): void {
    if (this.#closed) return;
    for (const [name, server] of [...this.#servers]) {
      if (!isSame(configs[name], server.config)) this.#remove(name, server);
    }
    for (const [name, config] of Object.entries(configs)) {
      if (!this.#servers.has(name)) this.#servers.set(name, this.#create(name, config));
    }
  }

  /** Starts what does not run, and waits until each start has succeeded or failed. Never rejects. */
  async started(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.started(signal)));
  }

  /** What the servers offer now, by the order of their names. */
  tools(): readonly NamedTool[] {
    const offered = this.#sorted().flatMap((server) => {
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
  problems(): readonly string[] {
    return this.#sorted().flatMap((server) => {
      const { runtimeStatus, error } = server.status({ resources: [], resourceTemplates: [] });
      return server.opened === null && runtimeStatus !== 'disabled'
        ? [`${server.name}: ${error ?? runtimeStatus ?? 'not there'}`]
        : [];
    });
  }

  async statuses({
    name,
    resources,
  }: Parameters<McpServerList['statuses']>[0]): Promise<readonly McpServerStatus[]> {
    const servers = this.#sorted().filter((server) => name === null || server.name === name);
    const never = new AbortController().signal;
    await Promise.all(servers.map((server) => server.started(never)));
    const named = this.tools();
    const none = { resources: [], resourceTemplates: [] };
    return Promise.all(
      servers.map(async (server) => ({
        ...server.status(resources ? await server.resources() : none),
        toolNames: Object.fromEntries(
          named.filter((one) => one.server === server).map((one) => [one.tool.name, one.name]),
        ),
      })),
    );
  }

  async reload(): Promise<void> {
    const before = [...this.#servers];
    for (const [name, server] of before) this.#remove(name, server);
    for (const [name, server] of before) {
      if (!this.#closed) this.#servers.set(name, this.#create(name, server.config));
    }
    await Promise.all(this.#ending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const [name, server] of [...this.#servers]) this.#remove(name, server);
    await Promise.all(this.#ending);
  }

  #sorted(): McpServer[] {
    return [...this.#servers.values()].toSorted((a, b) => compare(a.name, b.name));
  }

  #create(name: string, config: McpServerConfig): McpServer {
    const { connect, clock, restartBaseMs = RESTART_BASE_MS, onStatus } = this.#options;
    return new McpServer({
      name,
      config,
      connect,
      clock,
      restartBaseMs,
      onStatus: (state, error) => {
        const status = STARTUP[state];
        if (status === null) return;
        const failureReason =
          state === 'authenticationRequired' ? 'reauthenticationRequired' : null;
        onStatus({ threadId: null, name, status, error, failureReason });
      },
    });
  }

  #remove(name: string, server: McpServer): void {
    this.#servers.delete(name);
    const ended = server[Symbol.asyncDispose]().finally(() => {
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }
}

function offeredBy({
  enabled,
  enabledTools,
  disabledTools,
}: McpServerConfig): (tool: string) => boolean {
  return (tool) =>
    enabled && (enabledTools?.includes(tool) ?? true) && !disabledTools.includes(tool);
}

function isSame(a: McpServerConfig | undefined, b: McpServerConfig): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** By code units: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
