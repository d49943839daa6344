import type { Config, McpRuntimeStatus, McpServerConfig } from '@goald/protocol';
import type { Clock } from '../../engine/ports/clock.js';
import type { ConnectionOptions } from './connection.js';
import { McpServer } from './mcp-server.js';
import { compare } from './offered-tools.js';

type StartupStatus = 'starting' | 'ready' | 'failed' | 'cancelled';

/** How clients are told of a server whose state has changed. */
export interface StartupNews {
  /** null: a server of the configuration. */
  readonly threadId: string | null;
  readonly name: string;
  readonly status: StartupStatus;
  readonly error: string | null;
  readonly failureReason: 'reauthenticationRequired' | null;
}

export interface McpServersOptions {
  readonly connect: ConnectionOptions;
  readonly clock: Clock;
  /** Between the end of a server and its first restart; doubled each time. Default 500. */
  readonly restartBaseMs?: number;
  /** The thread they belong to; null: to all. */
  readonly threadId: string | null;
  /** Must not throw. */
  readonly onStatus: (told: StartupNews) => void;
}

const RESTART_BASE_MS = 500;

const STARTUP: Readonly<Record<McpRuntimeStatus, StartupStatus | null>> = {
  notStarted: null,
  disabled: null,
  starting: 'starting',
  connected: 'ready',
  failed: 'failed',
  authenticationRequired: 'failed',
  cancelled: 'cancelled',
};

/** Servers that follow a configuration, each started when it is first needed. */
export class McpServers implements AsyncDisposable {
  readonly #options: McpServersOptions;
  readonly #servers = new Map<string, McpServer>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(options: McpServersOptions) {
    this.#options = options;
  }

  /** By the order of their names. */
  all(): readonly McpServer[] {
    return [...this.#servers.values()].toSorted((a, b) => compare(a.name, b.name));
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

  /** Ends all and starts them anew when they are needed. Resolves when they have ended. */
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

  #create(name: string, config: McpServerConfig): McpServer {
    const { connect, clock, restartBaseMs = RESTART_BASE_MS, threadId, onStatus } = this.#options;
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
        onStatus({ threadId, name, status, error, failureReason });
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

function isSame(a: McpServerConfig | undefined, b: McpServerConfig): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
