import { setTimeout as delay } from 'node:timers/promises';
import type { McpServerConfig, McpStdioServer } from '@goald/protocol';
import type {
  CallToolResult,
  Client,
  Implementation,
  JsonSchemaValidatorResult,
  Resource,
  ResourceTemplateType,
  ServerCapabilities,
  Tool,
  Transport,
} from '@modelcontextprotocol/client';
import type { ServerProcess, ServerProcesses } from '../../engine/ports/server-process.js';
import { boundedFetch } from './bounded-fetch.js';
import { headersOf } from './http-headers.js';
import { ProcessTransport } from './process-transport.js';

/** Longest message that is read. */
const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
const HARD_CLOSE_MS = 2000;

export interface ConnectionOptions {
  readonly processes: ServerProcesses;
  /** Of the daemon. */
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute folder of programs that name none. */
  readonly home: string;
}

export interface OpenedConnection {
  readonly info: Implementation | null;
  readonly capabilities: ServerCapabilities | null;
  readonly tools: readonly Tool[];
  readonly toolListMeta: unknown;
}

interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Must not throw. */
  readonly onProgress: (message: string) => void;
}

/** One connection to one server, from its start to its end. */
export class McpConnection {
  /** The program ended, or said what cannot be read. Not called after `close`. Must not throw. */
  onLost: (why: string) => void = () => undefined;
  /** The server says that its tools are others now. Must not throw. */
  onToolsChanged: () => void = () => undefined;
  readonly #client: Client;
  readonly #transport: Transport;
  readonly #process: ServerProcess | null;
  #closing = false;
  #isLost = false;
  #problem: string | null = null;

  private constructor(client: Client, transport: Transport, process: ServerProcess | null) {
    this.#client = client;
    this.#transport = transport;
    this.#process = process;
    client.onerror = (error) => {
      this.#problem = error.message;
    };
    client.onclose = () => {
      void this.#lost();
    };
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      this.onToolsChanged();
    });
  }

  /** Starts what is to be started; `open` comes next, `close` in any case. Rejects with ServerStartError. */
  static async create(
    config: McpServerConfig,
    { processes, version, env, home }: ConnectionOptions,
  ): Promise<McpConnection> {
    // Loaded for those who have servers alone.
    const sdk = await import('@modelcontextprotocol/client');
    const client = new sdk.Client(
      { name: 'goald', version },
      {
        // What the model reads is what came, whether it fits the schema of the output or not.
        jsonSchemaValidator: { getValidator: <T>() => takeAsIs<T> },
      },
    );
    if ('url' in config) {
      const transport = new sdk.StreamableHTTPClientTransport(new URL(config.url), {
        requestInit: { headers: headersOf(config, env) },
        fetch: boundedFetch(MOST_MESSAGE_BYTES),
      });
      return new McpConnection(client, transport, null);
    }
    const process = await processes.start(requestOf(config, home));
    return new McpConnection(client, new ProcessTransport(process, MOST_MESSAGE_BYTES), process);
  }

  /** The handshake and the list of tools. Rejects with what went wrong. */
  async open(signal: AbortSignal, timeoutMs: number): Promise<OpenedConnection> {
    try {
      await this.#client.connect(this.#transport, { signal, timeout: timeoutMs });
      return {
        info: this.#client.getServerVersion() ?? null,
        capabilities: this.#client.getServerCapabilities() ?? null,
        ...(await this.tools(signal, timeoutMs)),
      };
    } catch (error) {
      if (!isClosed(error)) throw error;
      throw new Error(await this.#reason(), { cause: error });
    }
  }

  /** It is over, and nobody closed it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  async tools(
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<Pick<OpenedConnection, 'tools' | 'toolListMeta'>> {
    const listed = await this.#client.listTools({}, { signal, timeout: timeoutMs });
    return { tools: listed.tools, toolListMeta: listed._meta ?? null };
  }

  async resources(
    timeoutMs: number,
  ): Promise<{ resources: readonly Resource[]; templates: readonly ResourceTemplateType[] }> {
    if (this.#client.getServerCapabilities()?.resources === undefined) {
      return { resources: [], templates: [] };
    }
    const options = { timeout: timeoutMs };
    const [resources, templates] = await Promise.all([
      this.#client.listResources({}, options).then((listed) => listed.resources),
      // Many servers that have resources know nothing of templates.
      this.#client.listResourceTemplates({}, options).then(
        (listed) => listed.resourceTemplates,
        () => [],
      ),
    ]);
    return { resources, templates };
  }

  /** Rejects when no result came, on abort with whatever the client says; the server was told then. */
  call(
    tool: string,
    args: Record<string, unknown>,
    { signal, timeoutMs, onProgress }: CallOptions,
  ): Promise<CallToolResult> {
    return this.#client.callTool(
      { name: tool, arguments: args },
      {
        signal,
        timeout: timeoutMs,
        maxTotalTimeout: timeoutMs,
        onprogress: ({ message, progress, total }) => {
          const share =
            total === undefined ? String(progress) : `${String(progress)}/${String(total)}`;
          onProgress(message ?? share);
        },
      },
    );
  }

  /** Resolves when all it started is dead. Never rejects. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = this.#client.close().catch(() => undefined);
    // Before `open` the client knows nothing of its transport.
    const ended = this.#process?.end();
    const patience = new AbortController();
    const late = delay(HARD_CLOSE_MS, undefined, { signal: patience.signal }).catch(
      () => undefined,
    );
    // Over HTTP there is nobody whose end matters.
    await Promise.race([closed, late]);
    patience.abort();
    await ended;
  }

  /** What it said last of what went wrong: of the program, or of the connection. */
  async #lost(): Promise<void> {
    if (this.#closing || this.#isLost) return;
    this.#isLost = true;
    const why = await this.#reason();
    await this.#process?.end();
    this.onLost(why);
  }

  async #reason(): Promise<string> {
    if (this.#process === null) return this.#problem ?? 'the connection was closed';
    if (this.#transport instanceof ProcessTransport && this.#transport.fatal !== null) {
      return this.#transport.fatal;
    }
    const { exited } = this.#process;
    const exit = await Promise.race([exited, delay(200, null)]);
    const how = exit === null ? (this.#problem ?? 'it closed its output') : `it ended (${exit})`;
    return this.said(how);
  }

  /** A reason with the end of what the program wrote to stderr. */
  said(reason: string): string {
    const complaint = this.#process?.complaint ?? '';
    return complaint === '' ? reason : `${reason}; it wrote: ${complaint}`;
  }
}

/** Whether an error of the client says that the connection is over. */
export function isClosed(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED' || code === 'EPIPE';
}

/** `code` of an error: text of the client and of the system, a number where the server answered with an error. */
export function codeOf(error: unknown): string | number | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' || typeof code === 'number' ? code : null;
}

function takeAsIs<T>(data: unknown): JsonSchemaValidatorResult<T> {
  return { valid: true, data: data as T, errorMessage: undefined };
}

function requestOf(
  { command, args, env, cwd }: McpStdioServer,
  home: string,
): Parameters<ServerProcesses['start']>[0] {
  return { command, args, env, cwd: cwd ?? home };
}
