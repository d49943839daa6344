import { type GoaldClient, isGoaldError } from '@goald/client';
import { CursorExpiredError, EpochChangedError, type EventStream } from '@goald/client';
import type { GoalEvent } from '@goald/protocol';

/** Hears the durable events of one thread. */
export interface EventListener {
  event(event: GoalEvent): void;
  /** Events may be missing from here on: the daemon's store is another, or too much was missed. */
  gap(): void;
}

/** The durable events of all threads, over one subscription, each for the session that shows its thread. */
export class EventHub {
  readonly #client: GoaldClient;
  readonly #onProblem: (error: unknown) => void;
  readonly #listeners = new Map<string, EventListener>();
  #enabled = true;

  constructor(client: GoaldClient, onProblem: (error: unknown) => void) {
    this.#client = client;
    this.#onProblem = onProblem;
  }

  /** False where the daemon has goals switched off: then it has no events either. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Resolves when events come in. */
  async start(): Promise<void> {
    const stream = this.#client.events();
    try {
      await stream.ready;
    } catch (error) {
      if (!isGoaldError(error, 'feature_disabled')) throw error;
      this.#enabled = false;
      return;
    }
    void this.#follow(stream);
  }

  listen(threadId: string, listener: EventListener): Disposable {
    this.#listeners.set(threadId, listener);
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.get(threadId) === listener) this.#listeners.delete(threadId);
      },
    };
  }

  async #follow(first: EventStream): Promise<void> {
    for (let stream = first; ; stream = this.#client.events()) {
      try {
        for await (const event of stream) {
          if (event.threadId !== null) this.#listeners.get(event.threadId)?.event(event);
        }
        return;
      } catch (error) {
        if (!(error instanceof EpochChangedError) && !(error instanceof CursorExpiredError)) {
          this.#onProblem(error);
          return;
        }
      }
      for (const listener of this.#listeners.values()) listener.gap();
    }
  }
}
