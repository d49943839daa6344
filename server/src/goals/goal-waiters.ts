import { GOAL_STATUSES, ProtocolError, type Goal, type GoalStatus } from '@goald/protocol';
import type { Committed } from '../store/outgoing.js';
import type { GoalQueries } from './goal-queries.js';

/** The part of a clock that waiting needs. */
export interface TimerPort {
  now(): number;
  schedule(atMs: number, callback: () => void): Disposable;
}

export interface WaitOutcome {
  /** null when the goal was cleared. */
  readonly goal: Goal | null;
  readonly timedOut: boolean;
}

const ONE_DAY_MS = 86_400_000;
const STOPPED = GOAL_STATUSES.filter((status) => status !== 'active');

/** Callers of goal/wait, answered when the goal has a status they wait for. */
export class GoalWaiters {
  readonly #queries: GoalQueries;
  readonly #timer: TimerPort;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(queries: GoalQueries, timer: TimerPort) {
    this.#queries = queries;
    this.#timer = timer;
  }

  /** Throws goal_not_found when there is nothing to wait for; rejects with the signal's reason. */
  async wait(
    threadId: string,
    until: readonly GoalStatus[] = STOPPED,
    timeoutMs = ONE_DAY_MS,
    signal?: AbortSignal,
  ): Promise<WaitOutcome> {
    this.#queries.resolve({ threadId });
    const checks = this.#waiting.get(threadId) ?? new Set<() => void>();
    this.#waiting.set(threadId, checks);
    let cleanup = (): void => undefined;
    try {
      return await new Promise<WaitOutcome>((resolve, reject) => {
        const check = (): void => {
          const goal = this.#queries.current(threadId);
          if (goal === null || until.includes(goal.status)) resolve({ goal, timedOut: false });
        };
        const abort = (): void => {
          reject(new ProtocolError('invalid_request', 'The wait was cancelled.'));
        };
        checks.add(check);
        signal?.addEventListener('abort', abort, { once: true });
        const timer = this.#timer.schedule(this.#timer.now() + timeoutMs, () => {
          resolve({ goal: this.#queries.current(threadId), timedOut: true });
        });
        cleanup = () => {
          timer[Symbol.dispose]();
          signal?.removeEventListener('abort', abort);
          checks.delete(check);
        };
        check();
      });
    } finally {
      cleanup();
      if (checks.size === 0 && this.#waiting.get(threadId) === checks) {
        this.#waiting.delete(threadId);
      }
    }
  }

  hear(committed: Committed): void {
    for (const event of committed.events) {
      if (event.threadId === null || !event.type.startsWith('goal.')) continue;
      for (const check of this.#waiting.get(event.threadId) ?? []) check();
    }
  }
}
