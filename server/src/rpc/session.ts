import { ProtocolError, type ClientCapabilities, type ClientInfo } from '@goald/protocol';

/** The way to one client, as services and handlers see it. */
export interface Outlet {
  /**
   * Sends a notification already serialised (`data` is the whole text and must not be changed afterwards). Dropped before
   * initialize, after the close, and when the client opted out of `method`. Held while a request of this client that changes
   * something is being handled: its response goes first.
   */
  notify(data: string | Buffer, method: string): void;
  /** Bytes waiting to be sent, held ones among them. */
  readonly bufferedBytes: number;
  /** Resolves when little is waiting, or the client is gone. Never rejects. */
  drained(): Promise<void>;
  close(code: number, reason: string): void;
}

/** Says when something was taken out of it. */
class WatchedSet extends Set<string> {
  readonly #onRemoved: () => void;

  constructor(onRemoved: () => void) {
    super();
    this.#onRemoved = onRemoved;
  }

  override delete(value: string): boolean {
    const had = super.delete(value);
    if (had) this.#onRemoved();
    return had;
  }

  override clear(): void {
    super.clear();
    this.#onRemoved();
  }
}

/** What goald knows of one connection. Disposed with it. */
export class Session implements AsyncDisposable {
  /** Unique in this process. */
  readonly id: string;
  /** Where the client comes from, for logs. */
  readonly remote: string;
  readonly outlet: Outlet;
  /** Threads whose notifications this client gets. */
  readonly threads: Set<string> = new WatchedSet(() => {
    this.#left();
  });
  /** Requests of the daemon that this client said it cannot ask a person. */
  readonly #unable = new Set<string>();
  #onLeave: (() => void) | undefined;
  readonly #owned = new Map<string, AsyncDisposable>();
  #clientInfo: ClientInfo | undefined;
  #capabilities: ClientCapabilities = {};
  #optedOut: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(identity: { readonly id: string; readonly remote: string }, outlet: Outlet) {
    this.id = identity.id;
    this.remote = identity.remote;
    this.outlet = outlet;
  }

  get initialized(): boolean {
    return this.#clientInfo !== undefined;
  }

  /** undefined before initialize. */
  get clientInfo(): ClientInfo | undefined {
    return this.#clientInfo;
  }

  /** Empty before initialize. */
  get capabilities(): ClientCapabilities {
    return this.#capabilities;
  }

  /** True once the connection is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Opens the conversation. Throws already_initialized the second time. */
  initialize(clientInfo: ClientInfo, capabilities: ClientCapabilities | null | undefined): void {
    if (this.initialized) throw alreadyInitialized();
    this.#clientInfo = clientInfo;
    this.#capabilities = capabilities ?? {};
    this.#optedOut = new Set(this.#capabilities.optOutNotificationMethods ?? []);
  }

  /** True when this client wants notifications of `method`. */
  wants(method: string): boolean {
    return this.initialized && !this.#optedOut.has(method);
  }

  /** True when requests of `method` are sent to this client: it asks a person. */
  asks(method: string): boolean {
    return this.#capabilities.requiredHumanApproval === true && this.wants(method) && !this.#closed;
  }

  /** True when this client may be asked now for a request of a thread. */
  canAsk(threadId: string, method: string, requestId: string): boolean {
    return this.threads.has(threadId) && this.asks(method) && !this.#unable.has(requestId);
  }

  /** This client answered that it cannot ask for this request. */
  cannotAsk(requestId: string): void {
    this.#unable.add(requestId);
    this.#left();
  }

  /** Calls `listener`, which must not throw, whenever this client leaves a thread, is gone, or cannot ask. One listener. */
  onLeave(listener: () => void): void {
    this.#onLeave = listener;
  }

  #left(): void {
    this.#onLeave?.();
  }

  /** How many resources are tied to the connection. */
  get owned(): number {
    return this.#owned.size;
  }

  /**
   * Ties `resource` to the connection under a name of its own. On a connection already gone it is disposed at once; its
   * disposal must not reject.
   */
  own(name: string, resource: AsyncDisposable): void {
    if (this.#closed) void resource[Symbol.asyncDispose]();
    else this.#owned.set(name, resource);
  }

  /** Disposes what is owned under `name`. False when there is nothing. */
  async release(name: string): Promise<boolean> {
    const resource = this.#owned.get(name);
    if (resource === undefined) return false;
    this.#owned.delete(name);
    await resource[Symbol.asyncDispose]();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.threads.clear();
    const owned = [...this.#owned.values()];
    this.#owned.clear();
    await Promise.allSettled(owned.map((resource) => resource[Symbol.asyncDispose]()));
  }
}

export function alreadyInitialized(): ProtocolError {
  return new ProtocolError('already_initialized', 'Already initialized');
}
