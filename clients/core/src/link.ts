import { type ReconnectPolicy, reconnectDelay } from './backoff.js';
import { delay, orAborted } from './delay.js';
import { Emitter } from './emitter.js';
import { GoaldError, isGoaldError } from './errors.js';
import type { Session, SessionEnd } from './session.js';

/** Whether the daemon can be reached right now. */
export type ConnectionState =
  | { readonly status: 'connected' }
  | {
      readonly status: 'reconnecting';
      /** Attempts made since the connection was lost. */
      readonly attempt: number;
      /** Why the last one failed, or null before the first. */
      readonly error: Error | null;
    }
  | { readonly status: 'closed'; readonly error: Error | null };

/** Opens an initialized session. `previous` says how the one before ended, null for the first. */
export type OpenSession = (signal: AbortSignal, previous: SessionEnd | null) => Promise<Session>;

/** Keeps one session open: when it is lost, a new one takes its place until the policy gives up. */
export class Link {
  readonly #open: OpenSession;
  readonly #policy: ReconnectPolicy | null;
  readonly #states = new Emitter<ConnectionState>();
  readonly #sessions = new Emitter<Session>();
  readonly #stop = new AbortController();
  #state: ConnectionState = { status: 'reconnecting', attempt: 0, error: null };
  #current: Promise<Session>;

  /** `policy` null: a lost connection closes the link. */
  constructor(open: OpenSession, policy: ReconnectPolicy | null) {
    this.#open = open;
    this.#policy = policy;
    this.#current = new Promise(() => undefined);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): Disposable {
    return this.#states.on(listener);
  }

  /** Hears of each new session before any waiting request is sent on it. */
  onSession(listener: (session: Session) => void): Disposable {
    return this.#sessions.on(listener);
  }

  /** The first connection: one attempt. Rejects as `open` does. */
  async start(signal?: AbortSignal): Promise<void> {
    const stop = this.#stop.signal;
    const session = await this.#open(
      signal === undefined ? stop : AbortSignal.any([stop, signal]),
      null,
    );
    this.#adopt(session);
    this.#current = Promise.resolve(session);
  }

  /** The session in use; waits while a lost one is replaced. Rejects with `client_closed` or why the link gave up. */
  async session(signal?: AbortSignal): Promise<Session> {
    for (;;) {
      const session = await orAborted(this.#current, signal);
      if (!session.ended) return session;
      // Its end is known but not yet dealt with: after this await the next one is under way.
      await session.closed;
    }
  }

  /** Ends the session and all attempts. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.#state.status === 'closed') return;
    const open = this.#state.status === 'connected' ? await this.#current : null;
    this.#fail(null);
    await open?.close();
  }

  #adopt(session: Session): void {
    this.#sessions.emit(session);
    this.#setState({ status: 'connected' });
    void session.closed.then((end) => {
      this.#lost(end);
    });
  }

  #lost(end: SessionEnd): void {
    if (this.#state.status === 'closed') return;
    const policy = this.#policy;
    if (policy === null) {
      this.#fail(new GoaldError('connection_lost', 'The connection to the daemon was lost.'));
      return;
    }
    this.#setState({ status: 'reconnecting', attempt: 0, error: null });
    const next = this.#reopen(policy, end);
    // Whoever asks for the session hears of the failure; nobody has to.
    next.catch(() => undefined);
    this.#current = next;
  }

  async #reopen(policy: ReconnectPolicy, previous: SessionEnd): Promise<Session> {
    const stop = this.#stop.signal;
    const startedMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      await delay(reconnectDelay(policy, attempt, Math.random()), stop);
      try {
        const session = await this.#open(stop, previous);
        this.#adopt(session);
        return session;
      } catch (error) {
        stop.throwIfAborted();
        const cause = error instanceof Error ? error : new Error(String(error));
        const over = performance.now() - startedMs >= policy.giveUpAfterMs;
        if (over || isGoaldError(cause, 'unauthorized')) {
          this.#fail(cause);
          throw cause;
        }
        this.#setState({ status: 'reconnecting', attempt: attempt + 1, error: cause });
      }
    }
  }

  #fail(error: Error | null): void {
    const reason = error ?? new GoaldError('client_closed', 'This client is closed.');
    const never = Promise.reject<Session>(reason);
    never.catch(() => undefined);
    this.#current = never;
    this.#setState({ status: 'closed', error });
    this.#stop.abort(reason);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#states.emit(state);
  }
}
