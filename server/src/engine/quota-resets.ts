import type { Config } from '@goald/protocol';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Committed } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { Store, Tx } from '../store/store.js';
import { moveByRuntime } from './goal-moves.js';
import type { Clock } from './ports/clock.js';
import type { Failpoints } from './ports/failpoints.js';
import { mayPass } from './store-patience.js';

export interface QuotaResetsOptions {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly goals: GoalWriter;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
  readonly onIncident: (error: unknown, where: string) => string;
}

const AGAIN_MS = 5000;

/**
 * Resumes goals that a usage limit stopped, at the time their nextActionAtMs says. That time is stored, so a restart changes nothing;
 * whatever takes it from the goal, or the goal out of usageLimited, cancels it.
 */
export class QuotaResets {
  readonly #options: QuotaResetsOptions;
  readonly #timers = new Map<string, Disposable>();
  #open = false;

  constructor(options: QuotaResetsOptions) {
    this.#options = options;
  }

  /** Takes up every goal that waits for its limit to end, by the configuration as it is now. */
  open(): void {
    this.#open = true;
    for (const goal of this.#options.repositories.goals.usageLimited()) {
      this.#consider(goal.thread_id);
    }
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  hear(committed: Committed): void {
    const touched = new Set<string>();
    for (const { type, threadId } of committed.events) {
      if (threadId !== null && type.startsWith('goal.')) touched.add(threadId);
    }
    for (const threadId of touched) this.#consider(threadId);
  }

  #consider(threadId: string): void {
    this.#timers.get(threadId)?.[Symbol.dispose]();
    this.#timers.delete(threadId);
    const goal = this.#options.repositories.goals.current(threadId);
    if (!this.#open || goal?.status !== 'usageLimited') return;
    const atMs = goal.next_action_at_ms;
    if (atMs !== null) this.#arm(threadId, this.#mayResume(goal) ? atMs : 0);
  }

  #arm(threadId: string, atMs: number): void {
    const timer = this.#options.clock.schedule(atMs, () => {
      this.#due(threadId);
    });
    this.#timers.set(threadId, timer);
  }

  #due(threadId: string): void {
    const { store, failpoint, onIncident, clock } = this.#options;
    this.#timers.delete(threadId);
    if (!this.#open) return;
    try {
      failpoint('quota.due');
      store.write((tx) => {
        this.#decide(tx, threadId);
      });
      failpoint('quota.resumed');
    } catch (error) {
      // A full disk is logged where it is met.
      if (!mayPass(error)) onIncident(error, 'usage limit reset');
      if (!this.#timers.has(threadId)) this.#arm(threadId, clock.now() + AGAIN_MS);
    }
  }

  /** All is looked at again in the transaction that changes it. */
  #decide(tx: Tx, threadId: string): void {
    const { repositories, goals } = this.#options;
    const goal = repositories.goals.current(threadId);
    if (goal?.status !== 'usageLimited' || goal.next_action_at_ms === null) return;
    if (!this.#mayResume(goal)) {
      const calm = goals.note(tx, goal, { next_action_at_ms: null }, null);
      goals.tell(tx, calm, null);
      return;
    }
    if (goal.next_action_at_ms > tx.nowMs) return;
    moveByRuntime(
      goals,
      tx,
      goal,
      'quotaReset',
      {
        code: 'usageLimit',
        message: 'The usage limit of the provider has ended.',
        turnId: null,
      },
      // A limit that ended is no sign of progress.
      { idle_turns: goal.idle_turns },
    );
  }

  #mayResume(goal: GoalRow): boolean {
    const { config, repositories } = this.#options;
    const { engine, features } = config();
    const thread = repositories.threads.find(goal.thread_id);
    return engine.autoResume && features.goals && thread?.archived === 0;
  }
}
