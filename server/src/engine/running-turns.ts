import type { ActiveTurn, StopKind } from './active-turn.js';

interface Entry {
  readonly turn: ActiveTurn;
  readonly done: Promise<void>;
}

/** The turns in flight: at most one a thread. */
export class RunningTurns {
  readonly #byThread = new Map<string, Entry>();

  /** Turns that take a place: those that wait for a provider do not. */
  get busy(): number {
    return [...this.#byThread.values()].filter(({ turn }) => !turn.resting).length;
  }

  get(threadId: string): ActiveTurn | undefined {
    return this.#byThread.get(threadId)?.turn;
  }

  /** `run` must not reject. `onEnd` is called when the turn has left. */
  add(turn: ActiveTurn, run: () => Promise<void>, onEnd: () => void): void {
    if (this.#byThread.has(turn.threadId)) {
      throw new Error(`Thread ${turn.threadId} already runs a turn.`);
    }
    const done = run().finally(() => {
      this.#byThread.delete(turn.threadId);
      onEnd();
    });
    this.#byThread.set(turn.threadId, { turn, done });
  }

  /** Resolves when a turn that is being stopped has ended; at once when there is none. */
  async stopped(threadId: string): Promise<void> {
    const entry = this.#byThread.get(threadId);
    if (entry?.turn.signal.aborted === true) await entry.done;
  }

  /** Stops the turn of a thread, if there is one; resolves when it has ended. */
  async stop(threadId: string, kind: StopKind): Promise<void> {
    const entry = this.#byThread.get(threadId);
    if (entry === undefined) return;
    entry.turn.stop(kind);
    await entry.done;
  }

  async stopAll(kind: StopKind): Promise<void> {
    const entries = [...this.#byThread.values()];
    for (const { turn } of entries) turn.stop(kind);
    await Promise.all(entries.map((entry) => entry.done));
  }
}
