import type { McpRuntimeStatus, McpServerConfig, McpServerStatus } from '@goald/protocol';
import type { CallToolResult } from '@modelcontextprotocol/client';
import type { Clock } from '../../engine/ports/clock.js';
import { ServerStartError } from '../../engine/ports/server-process.js';
import { errorMessage } from '../tools/tool-error.js';
import { callProblem, isUnauthorized, unauthorizedText } from './call-problem.js';
import { McpConnection, type ConnectionOptions, type OpenedConnection } from './connection.js';
import { statusOf } from './server-status.js';

export interface McpServerOptions {
  readonly name: string;
  readonly config: McpServerConfig;
  readonly connect: ConnectionOptions;
  readonly clock: Clock;
  /** Between its end and the first restart, in milliseconds; doubled each time. */
  readonly restartBaseMs: number;
  /** Must not throw. */
  readonly onStatus: (status: McpRuntimeStatus, error: string | null) => void;
}

export interface McpCallOptions {
  readonly signal: AbortSignal;
  /** Must not throw. */
  readonly onProgress: (message: string) => void;
}

const MOST_RESTARTS = 5;
/** A server that was there for so long has recovered. */
const STEADY_MS = 60_000;
const LIST_AGAIN_MS = 200;

const HEALTHY: ReadonlySet<McpRuntimeStatus> = new Set(['starting', 'connected']);

/** One server: starts it, starts it again when it ends, and keeps what it offers. */
export class McpServer {
  readonly #options: McpServerOptions;
  #status: McpRuntimeStatus;
  #error: string | null = null;
  #connection: McpConnection | null = null;
  /** What it said last; stays while it is started again, so that what the model is offered stays. */
  #opened: OpenedConnection | null = null;
  #attempts = 0;
  #restarts = 0;
  #connectedAtMs = 0;
  #timer: Disposable | null = null;
  #listing: 'no' | 'running' | 'again' = 'no';
  readonly #end = new AbortController();
  readonly #waiters = new Set<() => void>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: McpServerOptions) {
    this.#options = options;
    this.#status = options.config.enabled ? 'notStarted' : 'disabled';
  }

  get name(): string {
    return this.#options.name;
  }

  get config(): McpServerConfig {
    return this.#options.config;
  }

  get opened(): OpenedConnection | null {
    return this.#opened;
  }

  /** Starts it, the first time; resolves when that has succeeded or failed, or on abort. Never rejects. */
  async started(signal: AbortSignal): Promise<void> {
    if (this.#status === 'notStarted') this.#begin();
    await this.#until(() => this.#status !== 'starting' || this.#attempts > 0, signal);
  }

  /** Rejects with words for the model, also when the server is not there; on abort with the signal's reason. */
  async call(
    tool: string,
    args: Record<string, unknown>,
    { signal, onProgress }: McpCallOptions,
  ): Promise<CallToolResult> {
    const { name, config } = this.#options;
    const timeoutMs = config.toolTimeoutSeconds * 1000;
    const patience = AbortSignal.timeout(config.startupTimeoutSeconds * 1000);
    await this.#until(() => this.#status !== 'starting', AbortSignal.any([signal, patience]));
    signal.throwIfAborted();
    const connection = this.#connection;
    if (this.#status !== 'connected' || connection === null) {
      throw new Error(
        `The MCP server ${name} is not there${this.#error === null ? '' : `: ${this.#error}`}.`,
      );
    }
    try {
      return await connection.call(tool, args, { signal, timeoutMs, onProgress });
    } catch (error) {
      signal.throwIfAborted();
      const problem = callProblem(error, { name, timeoutMs, isHttp: 'url' in config });
      if (problem.isUnauthorized) this.#fail(problem.why, 'authenticationRequired');
      else if (problem.isLost && this.#connection === connection)
        await this.#lostInCall(connection, problem.why);
      throw new Error(problem.words(this.#error), { cause: error });
    }
  }

  status(resources: {
    readonly resources: McpServerStatus['resources'];
    readonly resourceTemplates: McpServerStatus['resourceTemplates'];
  }): Omit<McpServerStatus, 'toolNames'> {
    const { name, config } = this.#options;
    const state = { status: this.#status, error: this.#error, restarts: this.#restarts };
    return statusOf(name, config, { ...state, opened: this.#opened, ...resources });
  }

  /** None where it offers none, or does not say within the time of its start. Never rejects. */
  async resources(): Promise<Parameters<McpServer['status']>[0]> {
    const none = { resources: [], resourceTemplates: [] };
    if (this.#status !== 'connected' || this.#connection === null) return none;
    try {
      const timeoutMs = this.config.startupTimeoutSeconds * 1000;
      const { resources, templates } = await this.#connection.resources(timeoutMs);
      return { resources: [...resources], resourceTemplates: [...templates] };
    } catch {
      return none;
    }
  }

  /** Ends it for good. Resolves when all it started is dead. */
  async [Symbol.asyncDispose](): Promise<void> {
    const wasHealthy = HEALTHY.has(this.#status);
    this.#end.abort();
    this.#timer?.[Symbol.dispose]();
    await Promise.all([this.#connection?.close(), this.#running]);
    this.#connection = null;
    this.#set('cancelled', this.#error, wasHealthy);
  }

  #begin(): void {
    if (this.#end.signal.aborted) return;
    this.#set('starting', this.#error);
    this.#running = this.#attempt();
  }

  async #attempt(): Promise<void> {
    const { config, connect, clock } = this.#options;
    const timeoutMs = config.startupTimeoutSeconds * 1000;
    const late = AbortSignal.timeout(timeoutMs);
    const limit = AbortSignal.any([this.#end.signal, late]);
    let connection: McpConnection | null = null;
    try {
      connection = await McpConnection.create(config, connect);
      this.#opened = await orAbort(connection.open(limit, timeoutMs), limit);
    } catch (error) {
      const why = late.aborted
        ? `it did not start within ${String(config.startupTimeoutSeconds)} s`
        : errorMessage(error);
      const said = late.aborted ? connection?.said(why) : undefined;
      await connection?.close();
      this.#attempts += 1;
      if (isUnauthorized(error)) this.#fail(unauthorizedText(error), 'authenticationRequired');
      else if (error instanceof ServerStartError) this.#fail(why, 'failed');
      else this.#again(said ?? why);
      return;
    }
    this.#attempts += 1;
    if (this.#end.signal.aborted) {
      await connection.close();
      return;
    }
    this.#connection = connection;
    this.#connectedAtMs = clock.now();
    const current = connection;
    connection.onLost = (why) => {
      if (this.#connection === current) this.#again(why);
    };
    connection.onToolsChanged = () => {
      this.#listSoon(current);
    };
    this.#set('connected', null);
    if (connection.isLost) this.#again(connection.said('it ended at once'));
  }

  /** It has ended: another start, later each time, or none any more. */
  #again(why: string): void {
    const { clock, restartBaseMs } = this.#options;
    this.#connection = null;
    if (this.#end.signal.aborted) return;
    if (this.#status === 'connected' && clock.now() - this.#connectedAtMs >= STEADY_MS)
      this.#restarts = 0;
    if (this.#restarts >= MOST_RESTARTS) {
      this.#fail(`${why} (given up after ${String(MOST_RESTARTS)} restarts)`, 'failed');
      return;
    }
    const delayMs = restartBaseMs * 2 ** this.#restarts;
    this.#restarts += 1;
    this.#set('starting', why);
    this.#timer = clock.schedule(clock.now() + delayMs, () => {
      this.#begin();
    });
  }

  #fail(why: string, status: 'failed' | 'authenticationRequired'): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#opened = null;
    void connection?.close();
    this.#set(status, why);
  }

  async #lostInCall(connection: McpConnection, why: string): Promise<void> {
    if ('url' in this.config) {
      void connection.close();
      this.#again(why);
      return;
    }
    // The program's own end comes a moment after that of its output, and says more.
    await this.#until(() => this.#connection !== connection, AbortSignal.timeout(5000));
  }

  #listSoon(connection: McpConnection): void {
    if (this.#listing !== 'no') {
      this.#listing = 'again';
      return;
    }
    this.#listing = 'running';
    const { clock } = this.#options;
    clock.schedule(clock.now() + LIST_AGAIN_MS, () => {
      void this.#list(connection);
    });
  }

  async #list(connection: McpConnection): Promise<void> {
    try {
      const timeoutMs = this.config.startupTimeoutSeconds * 1000;
      const listed = await connection.tools(this.#end.signal, timeoutMs);
      if (this.#connection === connection && this.#opened !== null) {
        this.#opened = { ...this.#opened, ...listed };
      }
    } catch (error) {
      // What it offered before is what is known of it.
      if (this.#connection === connection)
        this.#error = `its new list of tools: ${errorMessage(error)}`;
    }
    const again = this.#listing === 'again';
    this.#listing = 'no';
    if (again && this.#connection === connection) this.#listSoon(connection);
  }

  #set(status: McpRuntimeStatus, error: string | null, tell = true): void {
    this.#status = status;
    this.#error = error;
    if (tell) this.#options.onStatus(status, error);
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Resolves when it is so, or on abort, whichever comes first. */
  #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((fulfil) => {
      const look = (): void => {
        if (!isSo() && !signal.aborted) return;
        this.#waiters.delete(look);
        signal.removeEventListener('abort', look);
        fulfil();
      };
      this.#waiters.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }
}

/** The client does not hear of an abort at each step. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_fulfil, reject) => {
    onAbort = () => {
      reject(new Error('it was ended'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
