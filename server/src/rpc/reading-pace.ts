import { ANSWERS_HIGH_WATER_BYTES } from './limits.js';
import type { MessageChannel } from './message-channel.js';

/** Reads no more from a client while its answers pile up: who does not take them cannot ask for more. */
export class ReadingPace {
  readonly #channel: MessageChannel;
  #paused = false;

  constructor(channel: MessageChannel) {
    this.#channel = channel;
  }

  /** Something was answered. */
  answered(): void {
    if (this.#paused || this.#channel.bufferedBytes < ANSWERS_HIGH_WATER_BYTES) return;
    this.#paused = true;
    this.#channel.pause();
    void this.#channel.drained().then(() => {
      this.#paused = false;
      this.#channel.resume();
    });
  }
}
