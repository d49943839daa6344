import type { Config } from '@goald/protocol';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Tx } from '../store/store.js';
import { moveByRuntime } from './goal-moves.js';
import type { LostTurns } from './lost-turns.js';
import type { CommandRunner, KillReport } from './ports/commands.js';
import type { Failpoints } from './ports/failpoints.js';
import type { TurnStore } from './turn-store.js';

export interface RecoveryOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly commands: CommandRunner;
  readonly lost: LostTurns;
  readonly config: () => Config;
  readonly version: string;
  readonly failpoint: Failpoints;
}

const LOST_CALL =
  'The daemon stopped while this ran. What it had done until then is not known: look before you go on.';

/** Brings the store of a daemon that stopped or died into order, before anything runs. */
export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { store, commands, lost, version, failpoint } = this.#options;
    const killed = await commands.killStrays();
    failpoint('recovery.strayProcessesDead');
    store.writeAlways((tx) => {
      const charged = store.repositories.ledger.open().map((intent) => {
        lost.charge(tx, intent);
        return intent.id;
      });
      const turns = store.repositories.turns.allInProgress().map((turn) => {
        lost.interrupt(tx, turn, LOST_CALL);
        return turn.id;
      });
      this.#voidRuns(tx);
      this.#settleGoals(tx);
      tx.emit({ type: 'daemon.started', data: { version, pid: process.pid } });
      if (turns.length + charged.length + killed.found.length > 0) {
        this.#report(tx, { turns, charged, killed });
      }
    });
    failpoint('recovery.done');
  }

  /** Runs a dead daemon left behind say nothing about the tree. */
  #voidRuns(tx: Tx): void {
    const { notes } = this.#options.store.repositories;
    for (const run of notes.openRuns()) {
      notes.updateRun(run.id, { status: 'void', completed_at_ms: tx.nowMs });
      tx.emit({
        type: 'verification.finished',
        threadId: run.thread_id,
        goalId: run.goal_id,
        turnId: run.turn_id,
        data: { runId: run.id, status: 'void', results: [] },
      });
    }
  }

  #settleGoals(tx: Tx): void {
    const { store, goals, config } = this.#options;
    const pauseOnRestart = config().restartPolicy === 'pause';
    for (const goal of store.repositories.goals.active()) {
      if (pauseOnRestart) {
        moveByRuntime(goals, tx, goal, 'daemonStopped', {
          code: 'restartPolicy',
          message: 'Paused because the daemon was restarted and restartPolicy is pause.',
          turnId: null,
          pauseOnRestart,
        });
        continue;
      }
      const later = goal.next_action_at_ms !== null && goal.next_action_at_ms > tx.nowMs;
      const phase = later ? ('waiting' as const) : ('queued' as const);
      if (goal.phase === phase) continue;
      goals.note(
        tx,
        goal,
        { phase, next_action_at_ms: later ? goal.next_action_at_ms : null },
        { type: 'goal.phaseChanged', turnId: null, data: { phase } },
      );
    }
  }

  #report(
    tx: Tx,
    found: { turns: readonly string[]; charged: readonly string[]; killed: KillReport },
  ): void {
    tx.emit({
      type: 'daemon.recovered',
      data: {
        interruptedTurns: found.turns,
        estimatedRequests: found.charged,
        endedProcesses: found.killed.found,
      },
    });
  }
}
