import { notifications, type Config, type TurnError } from '@goald/protocol';
import { exhausted } from '../goals/budget.js';
import { budgetOf, noticesOf, toGoal } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { judgeTurn } from '../goals/progress.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import { markUnread } from '../threads/read-states.js';
import { toTurn } from '../threads/thread-record.js';
import type { ActiveTurn } from './active-turn.js';
import type { BackgroundProcesses } from './background-processes.js';
import { idleNotice } from './continuation.js';
import {
  moveByRuntime,
  reachBudget,
  type RuntimeCause,
  type RuntimeTrigger,
} from './goal-moves.js';
import type { LedgerWriter } from './ledger-writer.js';
import type { PathGuard } from './guard/path-guard.js';
import { closeOpenItems } from './open-items.js';
import type { CommandRunner } from './ports/commands.js';
import type { Failpoints } from './ports/failpoints.js';
import { quotaDetail } from './quota-detail.js';
import { quotaPlan } from './retry-policy.js';
import type { TreeWatch } from './tree-watch.js';
import type { TurnStore } from './turn-store.js';

/** How a turn ended, as its runner saw it. */
export interface TurnOutcome {
  /** Revision of the goal when the turn's work ended: an effect is void once a user has changed the goal since. */
  readonly revision: number | null;
  readonly status: 'completed' | 'interrupted' | 'failed';
  readonly error: TurnError | null;
  /** What the end does to the goal, beside the judgement of progress. */
  readonly goalEffect: {
    readonly trigger: RuntimeTrigger;
    readonly cause: RuntimeCause;
    /** For a usage limit: Unix milliseconds at which it ends, where the provider said so. */
    readonly resetAtMs?: number | null;
  } | null;
  /** The turn went in circles: it made no progress, whatever it did before. */
  readonly stuck: boolean;
  /** Whether the next turn depends on this one's progress. An interrupted turn is not judged. */
  readonly judged: boolean;
}

export interface TurnFinisherOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly ledger: LedgerWriter;
  readonly commands: CommandRunner;
  readonly background: BackgroundProcesses;
  readonly trees: TreeWatch;
  readonly guard: PathGuard;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

/** Ends turns: processes first, then everything stored in one transaction, then turn/completed. */
export class TurnFinisher {
  readonly #options: TurnFinisherOptions;

  constructor(options: TurnFinisherOptions) {
    this.#options = options;
  }

  /** Throws StaleTurnError when the turn was closed by someone else. */
  async finish(turn: ActiveTurn, outcome: TurnOutcome): Promise<void> {
    const { commands, guard, trees, store, failpoint } = this.#options;
    await commands.killTurn(turn.turnId);
    await this.#endBackground(turn);
    failpoint('turn.processesDead');
    if (store.holds(turn)) {
      await guard.check(turn);
      await trees.check(turn);
    }
    failpoint('turn.beforeEnd');
    store.write(turn, (tx) => {
      this.#close(tx, turn, outcome);
    });
    failpoint('turn.afterEnd');
  }

  /** What the goal has running beside its turns ends with it, before anyone hears that the turn did. */
  async #endBackground(turn: ActiveTurn): Promise<void> {
    const { store, background } = this.#options;
    if (turn.goalId === null) return;
    const goal = store.repositories.goals.find(turn.goalId);
    if (goal?.status === 'active' && goal.ended_at_ms === null) return;
    await background.endGoal(turn.goalId);
  }

  #close(tx: Tx, turn: ActiveTurn, outcome: TurnOutcome): void {
    const { store, ledger } = this.#options;
    const { repositories } = store;
    closeOpenItems(tx, store, turn, 'Interrupted: the turn ended before this was done.');
    const workMs = turn.takeWorkIn(tx);
    const goal = turn.goalId === null ? undefined : repositories.goals.find(turn.goalId);
    if (goal !== undefined) {
      this.#settleGoal(tx, turn, ledger.chargeWork(tx, goal, workMs), outcome);
    }
    repositories.turns.update(turn.turnId, {
      status: outcome.status,
      error_json: outcome.error === null ? null : JSON.stringify(outcome.error),
      completed_at_ms: tx.nowMs,
      work_ms: tx.nowMs - turn.startedAtMs,
    });
    this.#tellEnd(tx, turn, outcome);
  }

  #settleGoal(tx: Tx, turn: ActiveTurn, goal: GoalRow, outcome: TurnOutcome): void {
    const { goals } = this.#options;
    if (goal.ended_at_ms !== null || goal.status !== 'active') {
      goals.tell(tx, goal, turn.turnId);
      return;
    }
    if (outcome.goalEffect !== null && outcome.revision === goal.revision) {
      const { trigger, cause, resetAtMs } = outcome.goalEffect;
      if (trigger === 'quotaError') this.#limit(tx, turn, goal, cause, resetAtMs ?? null);
      else moveByRuntime(goals, tx, goal, trigger, cause);
      return;
    }
    if (turn.stopKind === 'shutdown') {
      this.#giveBack(tx, turn, goal);
      return;
    }
    const spent = exhausted(budgetOf(goal));
    if (spent !== null) {
      reachBudget(goals, tx, goal, { reason: spent, turnId: turn.turnId });
      return;
    }
    if (outcome.judged) this.#judge(tx, turn, goal, outcome.stuck);
    else this.#queue(tx, turn, goal, { idleTurns: goal.idle_turns, delayMs: 0, notices: [] });
  }

  #limit(
    tx: Tx,
    turn: ActiveTurn,
    goal: GoalRow,
    cause: RuntimeCause,
    resetAtMs: number | null,
  ): void {
    const { goals, config } = this.#options;
    const { autoResume, noProgressTurns } = config().engine;
    const idleTurns = turn.progressed ? 0 : goal.idle_turns + (turn.answered ? 0 : 1);
    const plan = quotaPlan({
      resetAtMs,
      nowMs: tx.nowMs,
      autoResume,
      idleTurns,
      maxIdleTurns: noProgressTurns,
    });
    moveByRuntime(
      goals,
      tx,
      goal,
      'quotaError',
      { ...cause, detail: quotaDetail(plan, resetAtMs) },
      { idle_turns: idleTurns, next_action_at_ms: plan.kind === 'resume' ? plan.atMs : null },
    );
  }

  /** A turn that the daemon's own stop cut short does not count. */
  #giveBack(tx: Tx, turn: ActiveTurn, goal: GoalRow): void {
    const row = this.#options.goals.note(tx, goal, { turns_used: goal.turns_used - 1 }, null);
    this.#queue(tx, turn, row, { idleTurns: row.idle_turns, delayMs: 0, notices: [] });
  }

  #judge(tx: Tx, turn: ActiveTurn, goal: GoalRow, stuck: boolean): void {
    const { goals, config } = this.#options;
    const { noProgressDelaysMs: delaysMs, noProgressTurns: turns } = config().engine;
    const verdict = judgeTurn(
      { progressed: turn.progressed && !stuck, idleTurnsBefore: goal.idle_turns },
      { delaysMs, turns },
    );
    if (verdict.kind === 'stop') {
      moveByRuntime(
        goals,
        tx,
        goal,
        'stopped',
        {
          code: 'noProgress',
          message: `Stopped after ${String(verdict.idleTurns)} turns in a row without progress.`,
          detail: turn.tried.length === 0 ? null : `Tried last: ${turn.tried.join('; ')}`,
          turnId: turn.turnId,
        },
        { idle_turns: verdict.idleTurns },
      );
      return;
    }
    const idle = verdict.kind === 'slow';
    this.#queue(tx, turn, goal, {
      idleTurns: verdict.idleTurns,
      delayMs: idle ? verdict.delayMs : 0,
      notices: idle ? [idleNotice(verdict.idleTurns, turns)] : [],
    });
  }

  #queue(
    tx: Tx,
    turn: ActiveTurn,
    goal: GoalRow,
    next: { idleTurns: number; delayMs: number; notices: readonly string[] },
  ): void {
    const { waitingFor } = toGoal(goal);
    const phase = waitingFor !== null || next.delayMs > 0 ? 'waiting' : 'queued';
    const delayedMs = next.delayMs > 0 ? tx.nowMs + next.delayMs : null;
    const nextActionAtMs = waitingFor === null ? delayedMs : waitingFor.untilMs;
    const stored = noticesOf(goal);
    this.#options.goals.note(
      tx,
      goal,
      {
        phase,
        idle_turns: next.idleTurns,
        ...(turn.idleCompactions === null ? {} : { idle_compactions: turn.idleCompactions }),
        next_action_at_ms: nextActionAtMs,
        notices_json: JSON.stringify([...new Set([...stored, ...turn.notices, ...next.notices])]),
      },
      {
        type: 'goal.phaseChanged',
        turnId: turn.turnId,
        data: { phase, idleTurns: next.idleTurns, nextActionAtMs, waitingFor },
      },
    );
  }

  #tellEnd(tx: Tx, turn: ActiveTurn, outcome: TurnOutcome): void {
    const { repositories } = this.#options.store;
    const { threadId, turnId, goalId } = turn;
    const row = repositories.turns.find(turnId);
    if (row === undefined) return;
    repositories.threads.update(threadId, { updated_at_ms: tx.nowMs });
    tx.emit({
      type: 'turn.completed',
      threadId,
      goalId,
      turnId,
      revision: goalId === null ? null : (repositories.goals.find(goalId)?.revision ?? null),
      data: {
        status: outcome.status,
        error: outcome.error,
        progressed: turn.progressed && !outcome.stuck,
        durationMs: tx.nowMs - turn.startedAtMs,
        ...(turn.stoppedBy !== null && { stoppedBy: turn.stoppedBy }),
      },
    });
    if (outcome.error !== null) {
      const params = { threadId, turnId, error: outcome.error, willRetry: false };
      tx.tell(outgoing(notifications.turnError, params, { to: 'thread', threadId }));
    }
    const message =
      outcome.status === 'completed' ? repositories.items.lastMessage(turnId) : undefined;
    if (message !== undefined || outcome.status === 'failed') markUnread(tx, repositories, turn);
    tx.tell(
      outgoing(
        notifications.threadStatusChanged,
        { threadId, status: { type: 'idle' } },
        { to: 'all' },
      ),
    );
    tx.tell(
      outgoing(
        notifications.turnCompleted,
        {
          threadId,
          turn:
            message === undefined
              ? toTurn(row, [], 'notLoaded')
              : toTurn(row, [message], 'summary'),
        },
        { to: 'thread', threadId },
      ),
    );
  }
}
