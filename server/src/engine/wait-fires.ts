import type { Config } from '@goald/protocol';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Committed } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { ProcessRow } from '../store/repositories/processes.js';
import type { WaitResult, WaitRow } from '../store/repositories/waits.js';
import type { Tx } from '../store/store.js';
import type { Clock } from './ports/clock.js';
import type { Failpoints } from './ports/failpoints.js';
import type { FileWatch } from './ports/file-watch.js';
import type { TurnStore } from './turn-store.js';

export interface WaitFiresOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly files: FileWatch;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
  readonly onIncident: (error: unknown, where: string) => void;
}

const FIRE_AGAIN_MS = 1000;

/** What a wait for a process comes to, by how the process ended. */
function resultOf(process: ProcessRow): WaitResult {
  return process.ending === 'lost' ? 'lost' : 'exited';
}

/**
 * Keeps a timer or a watch for every open wait and ends each once, in the transaction that lets its goal go on. The store is the truth:
 * what is kept here is made anew from it at the start.
 */
export class WaitFires {
  readonly #options: WaitFiresOptions;
  readonly #armed = new Map<string, Disposable[]>();
  #open = false;

  constructor(options: WaitFiresOptions) {
    this.#options = options;
  }

  /** Fires what became due while nobody looked, and arms the rest. */
  open(): void {
    this.#open = true;
    for (const wait of this.#options.store.repositories.waits.allOpen()) this.#arm(wait);
  }

  close(): void {
    this.#open = false;
    for (const id of [...this.#armed.keys()]) this.#disarm(id);
  }

  /** Whether a goal waits for something that is watched, so that it will go on. */
  holds(goal: GoalRow): boolean {
    const wait = this.#options.store.repositories.waits.open(goal.goal_id);
    return goal.wait_json !== null && wait !== undefined && this.#armed.has(wait.id);
  }

  /** Sets a goal going that says it waits, with nobody watching what for. */
  revive(goal: GoalRow): void {
    const { store, goals } = this.#options;
    const wait = store.repositories.waits.open(goal.goal_id);
    if (wait !== undefined) this.#arm(wait);
    else if (goal.wait_json !== null) {
      store.writeAlways((tx) => {
        goals.note(tx, goal, { wait_json: null, phase: 'queued', next_action_at_ms: null }, null);
      });
    }
  }

  hear(committed: Committed): void {
    for (const { type, data } of committed.events) {
      if (type !== 'wait.started' && type !== 'wait.ended') continue;
      const waitId = String(data['waitId']);
      if (type === 'wait.ended') {
        this.#disarm(waitId);
        continue;
      }
      const wait = this.#options.store.repositories.waits.find(waitId);
      if (wait?.ended_at_ms === null) this.#arm(wait);
    }
  }

  /** A process has ended: the wait for it is over in the same transaction. */
  processEnded(tx: Tx, process: ProcessRow): void {
    const wait = this.#options.store.repositories.waits.open(process.goal_id);
    if (wait?.process_id === process.id) this.#settle(tx, wait, resultOf(process));
  }

  #arm(wait: WaitRow): void {
    if (!this.#open || this.#armed.has(wait.id)) return;
    const { clock, files, store } = this.#options;
    const parts: Disposable[] = [];
    this.#armed.set(wait.id, parts);
    const process =
      wait.process_id === null ? undefined : store.repositories.processes.find(wait.process_id);
    if (process !== undefined && process.ending !== null) {
      this.#fire(wait, resultOf(process));
      return;
    }
    const late = wait.kind === 'time' ? 'elapsed' : 'timedOut';
    if (wait.path !== null && files.look(wait.path).stamp !== wait.stamp) {
      this.#fire(wait, 'changed');
      return;
    }
    if (wait.until_ms <= clock.now()) {
      this.#fire(wait, late);
      return;
    }
    parts.push(
      clock.schedule(wait.until_ms, () => {
        this.#fire(wait, late);
      }),
    );
    if (wait.path === null || wait.stamp === null) return;
    parts.push(
      files.watch(wait.path, wait.stamp, () => {
        this.#fire(wait, 'changed');
      }),
    );
  }

  #disarm(waitId: string): void {
    for (const part of this.#armed.get(waitId) ?? []) part[Symbol.dispose]();
    this.#armed.delete(waitId);
  }

  /** Must not throw: nobody is there to hear it. What cannot be stored now is tried again. */
  #fire(wait: WaitRow, result: WaitResult): void {
    const { store, clock, failpoint, onIncident } = this.#options;
    if (!this.#open) return;
    try {
      failpoint('wait.due');
      store.writeAlways((tx) => {
        this.#settle(tx, wait, result);
      });
      failpoint('wait.fired');
      this.#disarm(wait.id);
    } catch (error) {
      onIncident(error, 'end of a wait');
      this.#armed.get(wait.id)?.push(
        clock.schedule(clock.now() + FIRE_AGAIN_MS, () => {
          this.#fire(wait, result);
        }),
      );
    }
  }

  #settle(tx: Tx, wait: WaitRow, result: WaitResult): void {
    const { store, goals, config } = this.#options;
    const { repositories } = store;
    const goal = repositories.goals.find(wait.goal_id);
    if (goal === undefined) {
      repositories.waits.end(wait.id, result, tx.nowMs);
      return;
    }
    if (repositories.waits.open(goal.goal_id)?.id !== wait.id) return;
    const ended = goals.endWait(tx, goal, result);
    if (repositories.turns.inProgress(wait.thread_id) !== undefined) {
      // The turn that asked for the wait is still ending; what follows is decided there.
      goals.tell(tx, ended, null);
      return;
    }
    // Asking for the same again is no progress, but a wait that took long has cost next to nothing.
    const isPatient = tx.nowMs - wait.started_at_ms >= config().engine.patientWaitSeconds * 1000;
    const idle = isPatient ? Math.max(0, ended.idle_turns - 1) : ended.idle_turns;
    goals.note(
      tx,
      ended,
      { phase: 'queued', next_action_at_ms: null, idle_turns: idle },
      { type: 'goal.phaseChanged', turnId: null, data: { phase: 'queued', waitId: wait.id } },
    );
  }
}
