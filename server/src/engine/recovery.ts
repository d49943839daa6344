import type { Config } from '@goald/protocol';
import { toGoal } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { pendingOf } from '../goals/pending-approvals.js';
import type { ProcessRow } from '../store/repositories/processes.js';
import { recoveryText, type RecoveryNote } from '../store/backups/recovery-note.js';
import type { Tx } from '../store/store.js';
import { parkGoal } from './approvals/approvals.js';
import { moveByRuntime } from './goal-moves.js';
import type { LostTurns } from './lost-turns.js';
import type { PathGuard } from './guard/path-guard.js';
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
  readonly guard: PathGuard;
  readonly failpoint: Failpoints;
}

const OLDER_STORE =
  'goald’s database was damaged and an older one took its place. What this goal did and spent after that is not in it: look at its folder, then resume it.';

const LOST_CALL =
  'The daemon stopped while this ran. What it had done until then is not known: look before you go on.';

/** Brings the store of a daemon that stopped or died into order, before anything runs. */
export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { store, commands, guard, lost, version, failpoint } = this.#options;
    const left = store.repositories.processes
      .open()
      .flatMap(({ pid, started_ticks: startedTicks }) =>
        pid === null ? [] : [{ pid, startedTicks }],
      );
    const killed = await commands.killStrays(left);
    failpoint('recovery.strayProcessesDead');
    const open = store.repositories.turns.allInProgress().map((turn) => turn.id);
    const breaches = await guard.leftBy(open);
    store.writeAlways((tx) => {
      const charged = store.repositories.ledger.open().map((intent) => {
        lost.charge(tx, intent);
        return intent.id;
      });
      const turns = store.repositories.turns.allInProgress().map((turn) => {
        lost.interrupt(tx, turn, LOST_CALL);
        return turn.id;
      });
      const processes = this.#loseProcesses(tx);
      this.#voidRuns(tx);
      guard.settleLeft(tx, breaches);
      const restored = this.#takeNote();
      this.#parkRequests(tx);
      this.#settleGoals(tx, restored !== null);
      tx.emit({ type: 'daemon.started', data: { version, pid: process.pid } });
      const count = turns.length + charged.length + killed.found.length + processes.length;
      if (restored !== null || count > 0) {
        this.#report(tx, { turns, charged, killed, processes, restored });
      }
    });
    failpoint('recovery.done');
  }

  /** Background processes do not outlive their daemon; one that was only about to run counts as lost too. */
  #loseProcesses(tx: Tx): ProcessRow[] {
    const { processes } = this.#options.store.repositories;
    const open = processes.open();
    for (const row of open) {
      processes.end(row.id, {
        ending: 'lost',
        exit_code: null,
        signal: null,
        tail: '',
        ended_at_ms: tx.nowMs,
      });
    }
    return open;
  }

  /** Nobody hears any more what their turns asked: goals wait for a person, and calls for the next turn. */
  #parkRequests(tx: Tx): void {
    const { store, goals } = this.#options;
    const { approvals, blockers } = store.repositories;
    for (const row of approvals.pending()) approvals.park(row.id);
    for (const goal of store.repositories.goals.active()) {
      const pending = pendingOf(goal);
      if (pending === null) continue;
      const row = approvals.find(pending.requestId);
      if (row?.decision === null) {
        parkGoal(goals, tx, goal, row, null);
        continue;
      }
      const asked = blockers.open(goal.goal_id).find(({ id }) => id === pending.requestId);
      const unasked = goals.note(tx, goal, { pending_json: null }, null);
      if (asked === undefined) continue;
      moveByRuntime(goals, tx, unasked, 'needsPerson', {
        code: 'needsInput',
        message: asked.summary,
        detail: asked.question,
        turnId: null,
      });
    }
  }

  /** Runs a dead daemon left behind say nothing about the tree. */
  #voidRuns(tx: Tx): void {
    const { notes } = this.#options.store.repositories;
    for (const run of notes.openRuns()) {
      notes.updateRun(run.id, {
        status: 'void',
        reason: 'The daemon stopped while it ran.',
        completed_at_ms: tx.nowMs,
      });
      tx.emit({
        type: 'verification.finished',
        threadId: run.thread_id,
        goalId: run.goal_id,
        turnId: run.turn_id,
        data: {
          runId: run.id,
          status: 'void',
          reason: 'The daemon stopped while it ran.',
          results: [],
          flaky: [],
          artifacts: null,
          requestedBy: run.requested_by,
        },
      });
    }
  }

  /** What was done about a damaged database before this start; null when nothing was, or it was told already. */
  #takeNote(): RecoveryNote | null {
    const { meta } = this.#options.store.repositories;
    const note = meta.recovery();
    if (note?.told !== false) return null;
    meta.set('recovery', JSON.stringify({ ...note, told: true }));
    return note;
  }

  /** What an older store calls active has gone on since, and spent: nothing of it may be done twice without a person's word. */
  #settleGoals(tx: Tx, restored: boolean): void {
    const { store, goals, config } = this.#options;
    const pauseOnRestart = restored || config().restartPolicy === 'pause';
    for (const goal of store.repositories.goals.active()) {
      if (pauseOnRestart) {
        moveByRuntime(goals, tx, goal, 'daemonStopped', {
          code: 'restartPolicy',
          message: restored
            ? `Paused because ${OLDER_STORE}`
            : 'Paused because the daemon was restarted and restartPolicy is pause.',
          turnId: null,
          pauseOnRestart,
        });
        continue;
      }
      const { waitingFor } = toGoal(goal);
      const nextMs = waitingFor === null ? goal.next_action_at_ms : waitingFor.untilMs;
      const later = nextMs !== null && nextMs > tx.nowMs;
      const phase = later || waitingFor !== null ? ('waiting' as const) : ('queued' as const);
      if (goal.phase === phase) continue;
      goals.note(
        tx,
        goal,
        { phase, next_action_at_ms: later ? nextMs : null },
        { type: 'goal.phaseChanged', turnId: null, data: { phase } },
      );
    }
    if (restored) this.#disarm(tx);
  }

  /** Nor does a usage limit of the older store end by itself. */
  #disarm(tx: Tx): void {
    const { store, goals } = this.#options;
    for (const goal of store.repositories.goals.usageLimited()) {
      const reason = toGoal(goal).statusReason;
      if (goal.next_action_at_ms === null || reason === null) continue;
      const status_reason_json = JSON.stringify({
        ...reason,
        detail: `It does not go on by itself, because ${OLDER_STORE}`,
      });
      goals.note(tx, goal, { next_action_at_ms: null, status_reason_json }, null);
    }
  }

  #report(
    tx: Tx,
    found: {
      turns: readonly string[];
      charged: readonly string[];
      killed: KillReport;
      processes: readonly ProcessRow[];
      restored: RecoveryNote | null;
    },
  ): void {
    tx.emit({
      type: 'daemon.recovered',
      data: {
        interruptedTurns: found.turns,
        estimatedRequests: found.charged,
        endedProcesses: found.killed.found,
        lostProcesses: found.processes.map(({ thread_id: threadId, number, command }) => ({
          threadId,
          processId: number,
          command,
        })),
        ...(found.restored === null
          ? {}
          : { store: storeData(found.restored), message: recoveryText(found.restored) }),
      },
    });
  }
}

function storeData(note: RecoveryNote): Record<string, unknown> {
  const { damage, source, lostSinceMs, keptAs, unusable } = note;
  return { damage, source, lostSinceMs, keptAs, unusable };
}
