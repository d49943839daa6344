import type { Config } from '@goald/protocol';
import { notifications } from '@goald/protocol';
import { estimatedCharge } from '../goals/accounting.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { outgoing } from '../store/outgoing.js';
import type { LedgerRecord } from '../store/repositories/ledger.js';
import type { TurnRow } from '../store/repositories/turns.js';
import type { Tx } from '../store/store.js';
import { toTurn } from '../threads/thread-record.js';
import { moveByRuntime } from './goal-moves.js';
import type { LedgerWriter } from './ledger-writer.js';
import { closeOpenItems } from './open-items.js';
import type { CommandRunner, KillReport } from './ports/commands.js';
import type { ContextBuilder } from './ports/context.js';
import type { Failpoints } from './ports/failpoints.js';
import type { TurnStore } from './turn-store.js';

export interface RecoveryOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly ledger: LedgerWriter;
  readonly commands: CommandRunner;
  readonly context: ContextBuilder;
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
    const { store, commands, version, failpoint } = this.#options;
    const killed = await commands.killStrays();
    failpoint('recovery.strayProcessesDead');
    store.writeAlways((tx) => {
      const charged = store.repositories.ledger.open().map((intent) => {
        this.#charge(tx, intent);
        return intent.id;
      });
      const turns = store.repositories.turns.allInProgress().map((turn) => {
        this.#interrupt(tx, turn);
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

  /** Figures that never came are charged by estimate: the input that was sent and the output that was stored. */
  #charge(tx: Tx, intent: LedgerRecord): void {
    const { store, ledger, context } = this.#options;
    const seen = store.repositories.items
      .ofTurn(intent.turn_id)
      .filter((item) => item.request_id === intent.id)
      .map((item) => item.wire_json)
      .join('\n');
    ledger.settle(tx, intent.id, {
      charge: estimatedCharge(intent.estimated_input, seen === '' ? 0 : context.countTokens(seen)),
      outcome: 'lost',
      toolCalls: [],
      workMs: 0,
      mayMove: true,
      contextWindow: null,
    });
  }

  #interrupt(tx: Tx, row: TurnRow): void {
    const { store } = this.#options;
    const { repositories } = store;
    const turn = { turnId: row.id, threadId: row.thread_id, goalId: row.goal_id };
    closeOpenItems(tx, store, turn, LOST_CALL);
    const goal = row.goal_id === null ? undefined : repositories.goals.find(row.goal_id);
    if (goal?.status === 'active' && goal.ended_at_ms === null) {
      // A turn that the daemon's own end cut short does not count.
      this.#options.goals.note(tx, goal, { turns_used: Math.max(0, goal.turns_used - 1) }, null);
    }
    repositories.turns.update(row.id, { status: 'interrupted', completed_at_ms: tx.nowMs });
    tx.emit({
      type: 'turn.completed',
      ...turn,
      data: {
        status: 'interrupted',
        error: null,
        progressed: false,
        durationMs: tx.nowMs - row.started_at_ms,
      },
    });
    const ended = repositories.turns.find(row.id);
    if (ended === undefined) return;
    const { threadId } = turn;
    tx.tell(
      outgoing(
        notifications.turnCompleted,
        { threadId, turn: toTurn(ended, [], 'notLoaded') },
        { to: 'thread', threadId },
      ),
    );
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
