import { notifications, type Config } from '@goald/protocol';
import { toGoal } from '../goals/goal-record.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalRepository } from '../store/repositories/goals.js';
import { StoreUnavailableError } from '../store/store-fault.js';
import type { Store } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { Clock } from './ports/clock.js';

export interface StorePatienceOptions {
  readonly store: Store;
  readonly goals: GoalRepository;
  readonly clock: Clock;
  readonly config: () => Config;
}

const FIRST_MS = 250;
const MOST_MS = 30_000;
/** A turn that was stopped holds someone up. */
const MOST_WHEN_STOPPED_MS = 1000;
const MOST_AT_SHUTDOWN_MS = 200;
const TRIES_AT_SHUTDOWN = 3;

/** True for a store that may work again. One that is damaged needs a restart. */
export function mayPass(error: unknown): error is StoreUnavailableError {
  return error instanceof StoreUnavailableError && error.fault !== 'corrupt';
}

/**
 * Waits for a store that takes nothing, on a full disk say: tries again after longer and longer pauses. Meanwhile the goal shows when it
 * is tried next, which cannot be stored, and takes nobody's place.
 */
export class StorePatience {
  readonly #options: StorePatienceOptions;

  constructor(options: StorePatienceOptions) {
    this.#options = options;
  }

  /** Milliseconds before another try; `attempt` counts failures from 1. */
  delayMs(attempt: number): number {
    const most = Math.min(MOST_MS, this.#options.config().engine.retryMaxMs);
    return Math.min(most, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  }

  /** What `work` answers, once it does. Rejects with the turn's stop reason, and with any other error of `work`. */
  async run<T>(turn: ActiveTurn, work: () => T | Promise<T>): Promise<T> {
    return this.#run(turn, work, () => {
      turn.signal.throwIfAborted();
    });
  }

  /** The same for what must land also when the turn was stopped. At a shutdown it is given up after some tries: the next start has to do it. */
  async land<T>(turn: ActiveTurn, work: () => T | Promise<T>): Promise<T> {
    let tries = 0;
    return this.#run(turn, work, (error) => {
      if (turn.isShutDown) tries += 1;
      if (tries >= TRIES_AT_SHUTDOWN) throw error;
    });
  }

  /** Lets a goal show that it waits until `atMs`, to everyone. */
  show(goalId: string | null, atMs: number): void {
    if (goalId === null) return;
    this.#options.goals.hold(goalId, { phase: 'waiting', next_action_at_ms: atMs });
    this.#tell(goalId);
  }

  /** Lets it show what is stored. */
  clear(goalId: string | null): void {
    if (goalId !== null) this.#options.goals.release(goalId);
  }

  async #run<T>(
    turn: ActiveTurn,
    work: () => T | Promise<T>,
    check: (error: StoreUnavailableError) => void,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work();
        if (attempt > 1 && turn.goalId !== null) this.#tell(turn.goalId);
        return result;
      } catch (error) {
        if (!mayPass(error)) throw error;
        check(error);
        await this.#pause(turn, attempt);
        check(error);
      }
    }
  }

  async #pause(turn: ActiveTurn, attempt: number): Promise<void> {
    const { clock } = this.#options;
    const { signal, goalId } = turn;
    const most = turn.isShutDown ? MOST_AT_SHUTDOWN_MS : MOST_WHEN_STOPPED_MS;
    const wanted = this.delayMs(attempt);
    const atMs = clock.now() + (signal.aborted ? Math.min(wanted, most) : wanted);
    this.show(goalId, atMs);
    try {
      await sleep(clock, atMs, signal);
    } finally {
      this.clear(goalId);
    }
  }

  #tell(goalId: string): void {
    const { goals, store } = this.#options;
    const row = goals.find(goalId);
    if (row?.ended_at_ms !== null) return;
    store.tell(
      outgoing(
        notifications.threadGoalUpdated,
        { threadId: row.thread_id, turnId: null, goal: toGoal(row) },
        { to: 'all' },
      ),
    );
  }
}

/** Resolves at a time, or when the signal aborts meanwhile. */
async function sleep(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.schedule(atMs, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
