import type { Config, McpServerStatus } from '@goald/protocol';
import type { McpServerList } from '../../engine/ports/mcp.js';
import type { McpServer } from './mcp-server.js';
import { McpServers, type McpServersOptions } from './mcp-servers.js';
import { compare, statusesOf } from './offered-tools.js';

export interface McpRegistryOptions extends Omit<McpServersOptions, 'threadId'> {
  /** The servers that a client gave a thread; null: none. */
  readonly given: (threadId: string) => Config['mcpServers'] | null;
  /** Whether a turn of the thread is in flight. */
  readonly isAtWork: (threadId: string) => boolean;
}

interface ThreadServers {
  readonly servers: McpServers;
  /** When a turn or a client last wanted them. */
  wantedAtMs: number;
}

/** Servers of a thread that no turn wanted for so long end, and start again with its next turn. */
export const IDLE_MS = 15 * 60_000;
const LOOK_EVERY_MS = 60_000;

/** The MCP servers of the configuration, which every thread has, and those that clients gave single threads. */
export class McpRegistry implements McpServerList, AsyncDisposable {
  readonly #options: McpRegistryOptions;
  readonly #common: McpServers;
  readonly #threads = new Map<string, ThreadServers>();
  readonly #ending = new Set<Promise<void>>();
  #timer: Disposable | null = null;
  #closed = false;

  constructor(options: McpRegistryOptions) {
    this.#options = options;
    this.#common = new McpServers({ ...options, threadId: null });
  }

  /** From now on these are the servers of every thread. */
  apply(configs: Config['mcpServers']): void {
    this.#common.apply(configs);
  }

  /** The servers of a thread's turns, by the order of their names. Its own stand before those of the configuration with the same name. */
  of(threadId: string): readonly McpServer[] {
    const common = this.#common.all();
    const own = this.#own(threadId);
    const names = new Set(own.map(({ name }) => name));
    return [...common.filter(({ name }) => !names.has(name)), ...own].toSorted((a, b) =>
      compare(a.name, b.name),
    );
  }

  async statuses({
    threadId,
    ...asked
  }: Parameters<McpServerList['statuses']>[0]): Promise<readonly McpServerStatus[]> {
    return statusesOf(threadId === null ? this.#common.all() : this.of(threadId), asked);
  }

  async reload(): Promise<void> {
    const own = [...this.#threads.values()].map(({ servers }) => servers.reload());
    await Promise.all([this.#common.reload(), ...own]);
  }

  forget(threadId: string): void {
    const own = this.#threads.get(threadId);
    if (own === undefined) return;
    this.#threads.delete(threadId);
    const ended = own.servers[Symbol.asyncDispose]().finally(() => {
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    for (const threadId of [...this.#threads.keys()]) this.forget(threadId);
    await Promise.all([this.#common[Symbol.asyncDispose](), ...this.#ending]);
  }

  /** What a client has changed since is applied. */
  #own(threadId: string): readonly McpServer[] {
    if (this.#closed) return [];
    const configs = this.#options.given(threadId);
    if (configs === null) {
      this.forget(threadId);
      return [];
    }
    const wantedAtMs = this.#options.clock.now();
    let own = this.#threads.get(threadId);
    if (own === undefined) {
      own = { servers: new McpServers({ ...this.#options, threadId }), wantedAtMs };
      this.#threads.set(threadId, own);
    }
    own.wantedAtMs = wantedAtMs;
    own.servers.apply(configs);
    this.#timer ??= this.#lookLater();
    return own.servers.all();
  }

  #lookLater(): Disposable {
    const { clock } = this.#options;
    return clock.schedule(clock.now() + LOOK_EVERY_MS, () => {
      this.#endIdle();
      this.#timer = this.#threads.size === 0 ? null : this.#lookLater();
    });
  }

  #endIdle(): void {
    const { clock, isAtWork } = this.#options;
    const now = clock.now();
    for (const [threadId, own] of [...this.#threads]) {
      if (isAtWork(threadId)) own.wantedAtMs = now;
      else if (now - own.wantedAtMs >= IDLE_MS) this.forget(threadId);
    }
  }
}
