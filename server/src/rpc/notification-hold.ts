import { LOW_WATER_BYTES } from './limits.js';

interface Held {
  readonly data: string | Buffer;
  readonly bytes: number;
  /** The newest hold there was when this notification came. */
  readonly behind: number;
}

/**
 * Keeps notifications back while requests that may have caused them have no response. Order is kept; a notification waits only
 * for requests that were being handled when it came, so later ones do not starve it.
 */
export class NotificationHold {
  readonly #send: (data: string | Buffer) => void;
  /** Open holds, oldest first. */
  readonly #holds = new Set<number>();
  #queue: Held[] = [];
  #bytes = 0;
  #last = 0;
  #waiters: (() => void)[] = [];

  constructor(send: (data: string | Buffer) => void) {
    this.#send = send;
  }

  /** Bytes held back. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins to hold; the answer is for `release`. */
  hold(): number {
    this.#last += 1;
    this.#holds.add(this.#last);
    return this.#last;
  }

  /** The response has been queued: sends what waited for it alone. */
  release(hold: number): void {
    this.#holds.delete(hold);
    const oldest = this.#oldest();
    let count = 0;
    for (const held of this.#queue) {
      if (held.behind >= oldest) break;
      count += 1;
      this.#bytes -= held.bytes;
      this.#send(held.data);
    }
    if (count > 0) this.#queue = this.#queue.slice(count);
    if (this.#bytes < LOW_WATER_BYTES) this.#wake();
  }

  /** Sends, now or after the responses it has to follow. */
  push(data: string | Buffer): void {
    if (this.#holds.size === 0) {
      this.#send(data);
      return;
    }
    const bytes = Buffer.byteLength(data);
    this.#bytes += bytes;
    this.#queue.push({ data, bytes, behind: this.#last });
  }

  /** Resolves when little is held back. */
  drained(): Promise<void> {
    if (this.#bytes < LOW_WATER_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Drops everything: the client is gone. */
  clear(): void {
    this.#holds.clear();
    this.#queue = [];
    this.#bytes = 0;
    this.#wake();
  }

  #oldest(): number {
    for (const hold of this.#holds) return hold;
    return Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
