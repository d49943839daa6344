import { notifications, type Config, type TurnError } from '@goald/protocol';
import type { GoalWriter } from '../goals/goal-writer.js';
import { outgoing } from '../store/outgoing.js';
import type { ActiveTurn } from './active-turn.js';
import type { Clock } from './ports/clock.js';
import type { Failpoints } from './ports/failpoints.js';
import type { ModelError } from './ports/model.js';
import { retryDelayMs } from './retry-policy.js';
import { turnErrorOf } from './turn-errors.js';
import type { TurnStore } from './turn-store.js';

export interface BackoffOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly clock: Clock;
  readonly config: () => Config;
  /** In [0, 1). */
  readonly random: () => number;
  readonly failpoint: Failpoints;
  /** The turn waits, so its place is free. Must not throw. */
  readonly onRest: () => void;
}

/** The pause before a failed request is tried again: visible to clients, free of charge, ended by a stop. */
export class Backoff {
  readonly #options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** A goal is patient: its budgets bound it. A turn a person waits for is not. */
  mayRetry(turn: ActiveTurn, attempt: number): boolean {
    return turn.goalId !== null || attempt <= this.#options.config().engine.userTurnMaxRetries;
  }

  /** Rejects with the turn's stop reason. */
  async wait(turn: ActiveTurn, attempt: number, failure: ModelError): Promise<void> {
    const { clock, config, random, failpoint } = this.#options;
    const { retryBaseMs: baseMs, retryMaxMs: maxMs, retryAfterMaxMs } = config().engine;
    const delayMs = retryDelayMs(
      { baseMs, maxMs, retryAfterMaxMs },
      { attempt, retryAfterMs: failure.retryAfterMs },
      random(),
    );
    const atMs = clock.now() + delayMs;
    failpoint('retry.beforeScheduled');
    await this.#announce(turn, { attempt, delayMs, atMs, error: turnErrorOf(failure) });
    failpoint('retry.scheduled');
    turn.rest();
    this.#options.onRest();
    try {
      await sleepUntil(clock, atMs, turn.signal);
    } finally {
      turn.wake();
    }
    await this.#countWait(turn, clock.now() - (atMs - delayMs));
    failpoint('retry.due');
  }

  async #announce(
    turn: ActiveTurn,
    retry: { attempt: number; delayMs: number; atMs: number; error: TurnError },
  ): Promise<void> {
    const { store, goals } = this.#options;
    const { threadId, turnId } = turn;
    await store.writeWhenPossible(turn, (tx) => {
      tx.tell(
        outgoing(
          notifications.turnError,
          { threadId, turnId, error: retry.error, willRetry: true },
          { to: 'thread', threadId },
        ),
      );
      const data = {
        attempt: retry.attempt,
        delayMs: retry.delayMs,
        nextActionAtMs: retry.atMs,
        message: retry.error.message,
      };
      const row = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
      if (row?.status !== 'active' || row.ended_at_ms !== null) {
        tx.emit({ type: 'retry.scheduled', threadId, turnId, data });
        return;
      }
      goals.note(
        tx,
        row,
        { phase: 'waiting', next_action_at_ms: retry.atMs },
        { type: 'retry.scheduled', turnId, data },
      );
    });
  }

  async #countWait(turn: ActiveTurn, waitedMs: number): Promise<void> {
    const { store, goals } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      const row = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
      if (row !== undefined) goals.note(tx, row, { wait_ms: row.wait_ms + waitedMs }, null);
    });
  }
}

/** Resolves at a time; rejects with the signal's reason. */
export async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = clock.schedule(atMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    const abort = (): void => {
      timer[Symbol.dispose]();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
