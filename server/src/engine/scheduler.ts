import type { Config } from '@goald/protocol';
import type { Committed } from '../store/outgoing.js';
import type { GoalRepository, GoalRow } from '../store/repositories/goals.js';
import type { ActiveTurn } from './active-turn.js';
import type { Clock } from './ports/clock.js';
import type { RunningTurns } from './running-turns.js';
import { mayPass, type StorePatience } from './store-patience.js';

export interface SchedulerOptions {
  readonly goals: GoalRepository;
  readonly running: RunningTurns;
  readonly patience: StorePatience;
  /** Its turns plan, and its goal rests. */
  readonly isPlanning: (threadId: string) => boolean;
  readonly clock: Clock;
  readonly config: () => Config;
  /** Claims the next turn of a thread's goal; null when it must not start. */
  readonly claim: (threadId: string) => ActiveTurn | null;
  readonly start: (turn: ActiveTurn) => void;
  readonly onIncident: (error: unknown, where: string) => string;
}

const LOOK_AGAIN_MS = 1000;

/**
 * Gives active goals their turns: first come, first served, and after each turn to the end of the queue, so that all move alike. What is
 * due later waits on a timer. It acts on what was committed, never on what someone means to do.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  /** Threads whose goal could run now, in order. */
  readonly #queue = new Set<string>();
  readonly #timers = new Map<string, Disposable>();
  #open = false;
  #pumping = false;
  /** Claims in a row that the store refused. */
  #refusals = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Takes up every active goal there is and begins to give turns. */
  open(): void {
    this.#open = true;
    for (const goal of this.#options.goals.active()) this.consider(goal.thread_id);
  }

  close(): void {
    this.#open = false;
    this.#queue.clear();
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  hear(committed: Committed): void {
    const touched = new Set<string>();
    for (const event of committed.events) {
      const moves = event.type.startsWith('goal.') || event.type === 'turn.completed';
      if (event.threadId !== null && moves) touched.add(event.threadId);
    }
    for (const threadId of touched) this.consider(threadId);
  }

  /** Puts a thread where its goal belongs now: into the queue, on a timer, or nowhere. */
  consider(threadId: string): void {
    if (!this.#open) return;
    const { goals, running, clock } = this.#options;
    this.#timers.get(threadId)?.[Symbol.dispose]();
    this.#timers.delete(threadId);
    const goal = goals.current(threadId);
    if (goal?.status !== 'active' || running.get(threadId) !== undefined) {
      this.#queue.delete(threadId);
      return;
    }
    if (this.#rests(goal)) {
      // The end of that is told here, too.
      this.#queue.delete(threadId);
      return;
    }
    if (goal.wait_json !== null) {
      // The end of its wait is told here too.
      this.#queue.delete(threadId);
      return;
    }
    const dueMs = goal.next_action_at_ms;
    if (dueMs !== null && dueMs > clock.now()) {
      this.#queue.delete(threadId);
      const timer = clock.schedule(dueMs, () => {
        this.consider(threadId);
      });
      this.#timers.set(threadId, timer);
      return;
    }
    this.#queue.add(threadId);
    this.#pumpSoon();
  }

  /** In a tick of its own, so that the commit it follows is told first. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { running, patience, config, claim, start, onIncident } = this.#options;
    for (const threadId of this.#queue) {
      if (!this.#open || running.busy >= config().engine.maxConcurrentTurns) return;
      this.#queue.delete(threadId);
      try {
        patience.clear(this.#goalOf(threadId));
        const turn = claim(threadId);
        this.#refusals = 0;
        if (turn === null) this.#lookAgain(threadId, LOOK_AGAIN_MS);
        else start(turn);
      } catch (error) {
        if (mayPass(error)) {
          this.#waitForStore(threadId);
          continue;
        }
        onIncident(error, 'turn claim');
        this.#lookAgain(threadId, LOOK_AGAIN_MS);
      }
    }
  }

  /** A claim that came to nothing, with the goal still active, must not be the last. */
  #lookAgain(threadId: string, delayMs: number): void {
    const { goals, running, clock } = this.#options;
    const goal = goals.current(threadId);
    if (goal?.status !== 'active' || this.#rests(goal)) return;
    if (running.get(threadId) !== undefined || this.#timers.has(threadId)) return;
    const timer = clock.schedule(clock.now() + delayMs, () => {
      this.consider(threadId);
    });
    this.#timers.set(threadId, timer);
  }

  /** Whether a thread has a place in the queue or a timer, or plans are made in it. */
  holds(threadId: string): boolean {
    if (this.#queue.has(threadId) || this.#timers.has(threadId)) return true;
    const goal = this.#options.goals.current(threadId);
    return goal !== undefined && this.#rests(goal);
  }

  /** A claim found that plans are made in its thread, and said so. */
  #rests(goal: GoalRow): boolean {
    return goal.phase === 'planning' && this.#options.isPlanning(goal.thread_id);
  }

  /** The store takes no claim: the goal waits, longer each time, and shows it. */
  #waitForStore(threadId: string): void {
    const { patience, clock } = this.#options;
    this.#refusals += 1;
    const delayMs = patience.delayMs(this.#refusals);
    patience.show(this.#goalOf(threadId), clock.now() + delayMs);
    this.#lookAgain(threadId, delayMs);
  }

  #goalOf(threadId: string): string | null {
    return this.#options.goals.current(threadId)?.goal_id ?? null;
  }

  /** A place became free. */
  freed(): void {
    if (this.#queue.size > 0) this.#pumpSoon();
  }
}
