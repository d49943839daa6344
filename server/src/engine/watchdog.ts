import type { Config } from '@goald/protocol';
import type { LostTurns } from './lost-turns.js';
import type { Clock } from './ports/clock.js';
import type { RunningTurns } from './running-turns.js';
import type { Scheduler } from './scheduler.js';
import type { TurnStore } from './turn-store.js';
import type { WaitFires } from './wait-fires.js';

export interface WatchdogOptions {
  readonly store: TurnStore;
  readonly running: RunningTurns;
  readonly scheduler: Scheduler;
  readonly lost: LostTurns;
  readonly waits: Pick<WaitFires, 'holds' | 'revive'>;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly onIncident: (error: unknown, where: string) => string;
}

/** An active goal stood still, or a turn had nobody who runs it. Always a defect of ours; the goal goes on all the same. */
class StalledError extends Error {
  override readonly name = 'StalledError';
}

const NOBODY_RAN_IT =
  'The turn was lost while this ran. Look at what it has done before you go on.';

/** Active means moving: looks at every active goal now and then, and sets going what stands still. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: Disposable | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    const { clock, config } = this.#options;
    const atMs = clock.now() + config().engine.watchdogSeconds * 1000;
    this.#timer = clock.schedule(atMs, () => {
      this.#guarded();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
  }

  /** Answers the threads that had to be helped. */
  look(): readonly string[] {
    return [...new Set([...this.#closeLostTurns(), ...this.#wakeStalledGoals()])];
  }

  #guarded(): void {
    try {
      this.look();
    } catch (error) {
      this.#options.onIncident(error, 'watchdog');
    }
  }

  #closeLostTurns(): string[] {
    const { store, running, lost, onIncident } = this.#options;
    const { turns, ledger } = store.repositories;
    const orphans = turns
      .allInProgress()
      .filter((row) => running.get(row.thread_id)?.turnId !== row.id);
    if (orphans.length === 0) return [];
    store.writeAlways((tx) => {
      const ids = new Set(orphans.map((row) => row.id));
      for (const intent of ledger.open()) if (ids.has(intent.turn_id)) lost.charge(tx, intent);
      for (const row of orphans) lost.interrupt(tx, row, NOBODY_RAN_IT);
    });
    for (const row of orphans) {
      onIncident(
        new StalledError(`turn ${row.id} was in progress with nobody running it`),
        'watchdog',
      );
    }
    return orphans.map((row) => row.thread_id);
  }

  #wakeStalledGoals(): string[] {
    const { store, running, scheduler, waits, onIncident } = this.#options;
    const stalled = store.repositories.goals
      .active()
      .filter(({ thread_id: id }) => running.get(id) === undefined && !scheduler.holds(id))
      .filter((goal) => !waits.holds(goal));
    for (const goal of stalled) {
      onIncident(new StalledError(`goal ${goal.goal_id} was active and stood still`), 'watchdog');
      waits.revive(goal);
      scheduler.consider(goal.thread_id);
    }
    return stalled.map((goal) => goal.thread_id);
  }
}
