import {
  type EventType,
  type GoalEvent,
  goalEventSchema,
  notifications,
  requests,
} from '@goald/protocol';
import { GoaldError, isGoaldError } from './errors.js';
import type { Session } from './session.js';

export interface EventOptions {
  /** Every event after this one. Default: only what happens from the call on. */
  readonly sinceSeq?: number | undefined;
  /** The epoch `sinceSeq` belongs to; another one at the daemon ends the stream with EpochChangedError. */
  readonly storeEpoch?: string | undefined;
  readonly threadIds?: readonly string[] | undefined;
  readonly types?: readonly EventType[] | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** What a stream needs of the client it belongs to. */
export interface StreamHost {
  session(signal: AbortSignal): Promise<Session>;
}

// Beyond this many events that nobody took, the stream lets go of its subscription and takes it up again by cursor.
const HIGH_WATER = 4096;

/**
 * Durable events in order, each once, over any number of lost connections and daemon restarts. Subscribes at once, not at
 * the first `next`. One consumer. Fails with CursorExpiredError, EpochChangedError, or why the client closed.
 */
export class EventStream implements AsyncIterableIterator<GoalEvent>, AsyncDisposable {
  readonly #host: StreamHost;
  readonly #options: EventOptions;
  readonly #stop = new AbortController();
  readonly #queue: GoalEvent[] = [];
  readonly #ended: Promise<void>;
  /** Resolved when the first subscription stands: what happens later is in the stream. Rejects as the iteration does. */
  readonly ready: Promise<void>;
  #waiters: (() => void)[] = [];
  #markReady: () => void = () => undefined;
  #failReady: (error: unknown) => void = () => undefined;
  #cursor: number | undefined;
  #epoch: string | undefined;
  #outcome: { readonly error: unknown } | 'done' | null = null;

  constructor(host: StreamHost, options: EventOptions) {
    this.#host = host;
    this.#options = options;
    this.#cursor = options.sinceSeq;
    this.#epoch = options.storeEpoch;
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#failReady = reject;
    });
    this.ready.catch(() => undefined);
    this.#ended = new Promise((resolve) => {
      this.#stop.signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    const end = (): void => {
      this.#finish('done');
    };
    if (options.signal?.aborted === true) end();
    else options.signal?.addEventListener('abort', end, { once: true });
    void this.#pump();
  }

  /** seq of the newest event this stream has received, or where it began; undefined before it stands. */
  get lastSeq(): number | undefined {
    return this.#cursor;
  }

  /** Store the cursor belongs to; undefined before the stream stands. */
  get storeEpoch(): string | undefined {
    return this.#epoch;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<GoalEvent, undefined>> {
    for (;;) {
      if (this.#outcome === 'done') return { done: true, value: undefined };
      const event = this.#queue.shift();
      if (event !== undefined) {
        if (this.#queue.length === 0) this.#wake();
        return { done: false, value: event };
      }
      if (this.#outcome !== null) {
        const { error } = this.#outcome;
        this.#outcome = 'done';
        throw error;
      }
      await this.#woken();
    }
  }

  return(): Promise<IteratorResult<GoalEvent, undefined>> {
    this.#finish('done');
    return Promise.resolve({ done: true, value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#outcome === null) {
        const session = await this.#host.session(this.#stop.signal);
        await this.#follow(session);
        while (this.#queue.length > 0 && !this.#stopped()) await this.#woken();
      }
    } catch (error) {
      this.#finish(isGoaldError(error, 'client_closed') ? 'done' : { error });
    }
  }

  /** Takes events from one session until it ends, the stream ends, or too many wait. */
  async #follow(session: Session): Promise<void> {
    const answer = await this.#subscribe(session);
    if (answer === null) return;
    const { subscriptionId } = answer;
    this.#epoch = answer.storeEpoch;
    this.#cursor ??= answer.headSeq;
    this.#markReady();
    let full = false;
    let onFull: () => void = () => undefined;
    const overflow = new Promise<void>((resolve) => {
      onFull = resolve;
    });
    const listener = session.onNotification(({ method, params }) => {
      if (method !== notifications.goalEvent.method || full || this.#outcome !== null) return;
      if (subscriptionOf(params) !== subscriptionId) return;
      const event = goalEventSchema.safeParse(params);
      if (!event.success) {
        this.#finish({ error: strange(event.error.message) });
        return;
      }
      if (event.data.seq <= (this.#cursor ?? 0)) return;
      // From here on nothing more is taken from this subscription: one event let go would leave a gap.
      full = this.#queue.length >= HIGH_WATER;
      if (full) {
        onFull();
        return;
      }
      this.#cursor = event.data.seq;
      this.#queue.push(event.data);
      this.#wake();
    });
    await Promise.race([session.closed, overflow, this.#ended]);
    listener[Symbol.dispose]();
    if (!session.ended) await this.#unsubscribe(session, subscriptionId);
  }

  async #subscribe(
    session: Session,
  ): Promise<{ subscriptionId: string; headSeq: number; storeEpoch: string } | null> {
    const { threadIds, types } = this.#options;
    try {
      const answer = await session.request(
        requests.goalSubscribe.method,
        { sinceSeq: this.#cursor, storeEpoch: this.#epoch, threadIds, types },
        this.#stop.signal,
      );
      return requests.goalSubscribe.result.parse(answer);
    } catch (error) {
      if (!isGoaldError(error, 'connection_lost')) throw error;
      await Promise.race([session.closed, this.#ended]);
      return null;
    }
  }

  async #unsubscribe(session: Session, subscriptionId: string): Promise<void> {
    try {
      await session.request(requests.goalUnsubscribe.method, { subscriptionId });
    } catch (error) {
      if (!isGoaldError(error)) throw error;
    }
  }

  #finish(outcome: { readonly error: unknown } | 'done'): void {
    if (this.#outcome === 'done' || (this.#outcome !== null && outcome !== 'done')) return;
    this.#outcome = outcome;
    if (outcome !== 'done') this.#failReady(outcome.error);
    else this.#markReady();
    this.#stop.abort();
    this.#wake();
  }

  #stopped(): boolean {
    return this.#outcome !== null;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function subscriptionOf(params: unknown): unknown {
  return typeof params === 'object' && params !== null && 'subscriptionId' in params
    ? params.subscriptionId
    : undefined;
}

function strange(why: string): GoaldError {
  return new GoaldError(
    'invalid_answer',
    `The daemon sent an event this client does not understand; are both of one version? ${why}`,
  );
}
