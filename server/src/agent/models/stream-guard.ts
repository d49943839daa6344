import type { Clock } from '../../engine/ports/clock.js';

/** Longest silence before the first byte, longest silence after it, and longest whole request, in milliseconds. */
interface StreamLimits {
  readonly firstMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

const LIMITS = {
  first: (limit: string) =>
    `The model server did not begin to answer within ${limit} (model.firstByteTimeoutSeconds).`,
  idle: (limit: string) =>
    `The model server sent nothing for ${limit} (model.streamIdleTimeoutSeconds).`,
  total: (limit: string) =>
    `The model request took longer than ${limit} (model.requestTimeoutSeconds).`,
} as const;

/** A request took longer than its limits allow. */
export class StreamTimeoutError extends Error {
  override readonly name = 'StreamTimeoutError';

  constructor(what: keyof typeof LIMITS, limitMs: number) {
    super(LIMITS[what](`${String(limitMs / 1000)} s`));
  }
}

/**
 * One streamed request under its limits. Iterate it once. Throws what the stream throws, StreamTimeoutError when a limit
 * is passed, or the signal's reason after it aborts; the request itself is ended in each case.
 */
export class GuardedStream<T> implements AsyncIterable<T> {
  readonly #open: (signal: AbortSignal) => Promise<AsyncIterable<T>>;
  readonly #clock: Clock;
  readonly #firstMs: number;
  readonly #totalMs: number;
  readonly #signal: AbortSignal;
  readonly #request = new AbortController();
  #idleMs: number;
  #startedMs = 0;
  #activeMs = 0;
  #timer: Disposable | undefined;
  #began = false;
  #closing = false;

  constructor(options: {
    open: (signal: AbortSignal) => Promise<AsyncIterable<T>>;
    limits: StreamLimits;
    clock: Clock;
    signal: AbortSignal;
  }) {
    this.#open = options.open;
    this.#clock = options.clock;
    this.#idleMs = options.limits.idleMs;
    this.#firstMs = options.limits.firstMs;
    this.#totalMs = options.limits.totalMs;
    this.#signal = options.signal;
  }

  /** The first byte of the answer was there. */
  get began(): boolean {
    return this.#began;
  }

  /** Something came, though it need not be an event: the server lives. */
  touch(): void {
    this.#activeMs = this.#clock.now();
    if (this.#began) return;
    this.#began = true;
    this.#arm();
  }

  /** From now on silence of `idleMs` is the normal end of the stream. */
  closeAfter(idleMs: number): void {
    this.#closing = true;
    this.#idleMs = Math.min(idleMs, this.#idleMs);
    this.#arm();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.#signal.throwIfAborted();
    const onAbort = (): void => {
      this.#request.abort(this.#signal.reason);
    };
    this.#signal.addEventListener('abort', onAbort, { once: true });
    this.#startedMs = this.#activeMs = this.#clock.now();
    this.#arm();
    try {
      for await (const event of await this.#open(this.#request.signal)) {
        if (this.#request.signal.aborted) break;
        this.#activeMs = this.#clock.now();
        yield event;
        this.#activeMs = this.#clock.now();
      }
      this.#throwStopReason();
    } catch (error) {
      this.#throwStopReason();
      // After the last word a broken connection is no different from a closed one.
      if (!this.#closing) throw error;
    } finally {
      this.#timer?.[Symbol.dispose]();
      this.#signal.removeEventListener('abort', onAbort);
    }
  }

  get #silenceMs(): number {
    return this.#began ? this.#idleMs : this.#firstMs;
  }

  #throwStopReason(): void {
    this.#signal.throwIfAborted();
    if (!this.#closing) this.#request.signal.throwIfAborted();
  }

  #arm(): void {
    this.#timer?.[Symbol.dispose]();
    const dueMs = Math.min(this.#activeMs + this.#silenceMs, this.#startedMs + this.#totalMs);
    this.#timer = this.#clock.schedule(dueMs, () => {
      this.#check();
    });
  }

  #check(): void {
    const nowMs = this.#clock.now();
    if (nowMs >= this.#startedMs + this.#totalMs) {
      this.#request.abort(new StreamTimeoutError('total', this.#totalMs));
    } else if (nowMs >= this.#activeMs + this.#silenceMs) {
      const what = this.#began ? 'idle' : 'first';
      this.#request.abort(new StreamTimeoutError(what, this.#silenceMs));
    } else {
      this.#arm();
    }
  }
}
