import { notifications } from '@goald/protocol';
import type { Clock } from '../engine/ports/clock.js';
import {
  EPHEMERAL_BYTES,
  MAX_WAITING_BYTES,
  SLOW_READER_BYTES,
  SLOW_READER_CODE,
  SLOW_READER_MS,
} from './limits.js';
import type { Outlet } from './session.js';

/** What is never stored, and lost to nobody: the item or diff it was part of comes whole in the end. */
const EPHEMERAL: ReadonlySet<string> = new Set([
  notifications.agentMessageDelta.method,
  notifications.planDelta.method,
  notifications.reasoningSummaryTextDelta.method,
  notifications.commandExecutionOutputDelta.method,
  notifications.turnDiffUpdated.method,
]);

/**
 * Keeps what waits for one reader bounded. What may be lost is dropped first; a reader with too many live notifications waiting that
 * does not drain in time is cut off, and so is, at once, one with far too many.
 */
export class SlowReaderGuard {
  readonly #reader: Outlet;
  readonly #clock: Clock;
  /** Live notifications that may still be waiting, in bytes. What else waits (answers) is not in it. */
  #live = 0;
  #deadline: Disposable | undefined;
  #cut = false;

  constructor(reader: Outlet, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** False for a notification that must not be queued any more. */
  admits(method: string): boolean {
    if (this.#cut) return false;
    return !EPHEMERAL.has(method) || this.#reader.bufferedBytes <= EPHEMERAL_BYTES;
  }

  /** A notification of so many bytes was queued or sent. */
  queued(bytes: number): void {
    this.#live += bytes;
    if (this.#waiting() <= SLOW_READER_BYTES) return;
    if (this.#live > MAX_WAITING_BYTES) this.#cutOff();
    else this.#watch();
  }

  /** No more than all that waits can be notifications: what was sent before has gone. */
  #waiting(): number {
    this.#live = Math.min(this.#live, this.#reader.bufferedBytes);
    return this.#live;
  }

  #watch(): void {
    if (this.#deadline !== undefined) return;
    const deadline = this.#clock.schedule(this.#clock.now() + SLOW_READER_MS, () => {
      this.#deadline = undefined;
      if (this.#waiting() > SLOW_READER_BYTES) this.#cutOff();
    });
    this.#deadline = deadline;
    void this.#reader.drained().then(() => {
      deadline[Symbol.dispose]();
      if (this.#deadline === deadline) this.#deadline = undefined;
    });
  }

  #cutOff(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#deadline?.[Symbol.dispose]();
    this.#deadline = undefined;
    this.#reader.close(
      SLOW_READER_CODE,
      'Too slow: read faster, then subscribe again with your cursor.',
    );
  }
}
