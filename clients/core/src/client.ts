import {
  type NotificationMessage,
  notifications,
  type ParamsInput,
  type ParamsOf,
  type RequestMessage,
  requests,
  type ResultOf,
} from '@goald/protocol';
import { v7 as newKey } from 'uuid';
import { type Answerer, AskedRequests } from './asked-requests.js';
import { orAborted } from './delay.js';
import { Emitter } from './emitter.js';
import { GoaldError, isGoaldError } from './errors.js';
import { type EventOptions, EventStream } from './event-stream.js';
import type { ConnectionState, Link } from './link.js';
import type { Session } from './session.js';

/** What the daemon said of itself when the connection opened. */
export type ServerGreeting = ResultOf<typeof requests.initialize>;

export interface RequestOptions {
  /** Gives the request up: it rejects with the signal's reason, and the daemon is told to cancel it. */
  readonly signal?: AbortSignal | undefined;
}

// A request that takes the daemon down with it must not do so for ever.
const MAX_SENDS = 6;

/** A connection to a daemon that mends itself. Made by `connect`. */
export class GoaldClient implements AsyncDisposable {
  readonly #link: Link;
  readonly #greeting: () => ServerGreeting;
  readonly #listeners = new Map<string, Emitter<unknown>>();
  readonly #asked = new AskedRequests();
  /** Threads whose turn and item notifications this client gets; taken up again on each new session. */
  readonly #threads = new Set<string>();

  /** `greeting` answers what the newest session's daemon said. */
  constructor(link: Link, greeting: () => ServerGreeting) {
    this.#link = link;
    this.#greeting = greeting;
    this.#link.onSession((session) => {
      this.#attach(session);
    });
  }

  /** What the daemon said of itself, last time it was reached. */
  get server(): ServerGreeting {
    return this.#greeting();
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Hears each change of the connection's state. */
  onState(listener: (state: ConnectionState) => void): Disposable {
    return this.#link.onState(listener);
  }

  /**
   * Sends one request, such as `client.request(requests.goalList, {})`. While the connection is lost it waits for the next one. Mutations
   * get an idempotency key of their own unless `params` has one, so a request cut off on the way is sent again. Rejects with GoaldError.
   */
  async request<M extends RequestMessage>(
    message: M,
    params: ParamsInput<M>,
    options: RequestOptions = {},
  ): Promise<ResultOf<M>> {
    const body = message.mutation ? withKey(params) : (params ?? {});
    for (let send = 1; ; send += 1) {
      const session = await this.#link.session(options.signal);
      try {
        const answer = await session.request(message.method, body, options.signal);
        const result = readResult(message, answer);
        this.#remember(message, answer, params);
        return result;
      } catch (error) {
        if (!isGoaldError(error, 'connection_lost') || send === MAX_SENDS) throw error;
        await orAborted(session.closed, options.signal);
      }
    }
  }

  /** Hears one kind of notification, such as `client.on(notifications.threadGoalUpdated, …)`. Lives on over reconnections. */
  on<M extends NotificationMessage>(
    message: M,
    listener: (params: ParamsOf<M>) => void,
  ): Disposable {
    let emitter = this.#listeners.get(message.method);
    if (emitter === undefined) {
      emitter = new Emitter<unknown>();
      this.#listeners.set(message.method, emitter);
    }
    return emitter.on((params) => {
      const parsed = message.params.safeParse(params);
      // A notification of another version that no longer fits is as good as one this client does not know.
      if (parsed.success) listener(parsed.data as ParamsOf<M>);
    });
  }

  /**
   * Answers one kind of request of the daemon, such as `client.onRequest(serverRequests.fileChangeRequestApproval, …)`. It is sent to
   * clients that declared `requiredHumanApproval`, for the threads they are subscribed to. One answerer a kind. What is asked again
   * after a lost connection is not put to it twice.
   */
  onRequest<M extends RequestMessage>(message: M, answerer: Answerer<M>): Disposable {
    return this.#asked.on(message, answerer);
  }

  /** Durable events, each once and in order, over lost connections and restarts. */
  events(options: EventOptions = {}): EventStream {
    return new EventStream({ session: (signal) => this.#link.session(signal) }, options);
  }

  /** Ends the connection; what waits rejects with `client_closed`. The daemon and its goals go on. */
  async close(): Promise<void> {
    this.#asked.close();
    await this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #attach(session: Session): void {
    this.#asked.attach(session);
    session.onNotification(({ method, params }) => {
      if (method === notifications.serverRequestResolved.method) this.#resolved(params);
      this.#listeners.get(method)?.emit(params);
    });
    for (const threadId of this.#threads) this.#resubscribe(session, threadId);
  }

  #resolved(params: unknown): void {
    const read = notifications.serverRequestResolved.params.safeParse(params);
    if (read.success) this.#asked.resolved(read.data.requestId);
  }

  #resubscribe(session: Session, threadId: string): void {
    const params = withKey({ threadId, excludeTurns: true });
    session.request(requests.threadResume.method, params).catch((error: unknown) => {
      if (isGoaldError(error, 'thread_not_found')) this.#threads.delete(threadId);
    });
  }

  #remember(message: RequestMessage, answer: unknown, params: unknown): void {
    switch (message.method) {
      case requests.threadStart.method:
      case requests.threadResume.method: {
        const started = requests.threadStart.result.safeParse(answer);
        if (started.success) this.#threads.add(started.data.thread.id);
        return;
      }
      case requests.threadUnsubscribe.method:
      case requests.threadDelete.method: {
        const gone = requests.threadUnsubscribe.params.safeParse(params);
        if (gone.success) this.#threads.delete(gone.data.threadId);
        return;
      }
      default:
        return;
    }
  }
}

function withKey(params: unknown): unknown {
  const given: Readonly<Record<string, unknown>> =
    typeof params === 'object' && params !== null ? { ...params } : {};
  return given['idempotencyKey'] == null ? { ...given, idempotencyKey: newKey() } : given;
}

function readResult<M extends RequestMessage>(message: M, answer: unknown): ResultOf<M> {
  const parsed = message.result.safeParse(answer);
  if (parsed.success) return parsed.data as ResultOf<M>;
  throw new GoaldError(
    'invalid_answer',
    `The daemon answered ${message.method} with something this client does not understand; are both of one version? ${parsed.error.message}`,
  );
}
