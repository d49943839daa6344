import type { StatusReasonCode } from '@goald/protocol';
import type { BudgetReason } from '../goals/budget.js';
import { budgetOf } from '../goals/goal-record.js';
import { decide, type GoalTrigger } from '../goals/goal-state.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { budgetMessage } from '../goals/refusals.js';
import { RUNTIME_ACTOR, type Actor } from '../store/mutation.js';
import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';

export type RuntimeTrigger = Extract<
  GoalTrigger,
  | 'budgetReached'
  | 'quotaError'
  | 'quotaReset'
  | 'stopped'
  | 'needsPerson'
  | 'gatePassed'
  | 'daemonStopped'
>;

export interface RuntimeCause {
  readonly code: StatusReasonCode;
  readonly message: string;
  readonly detail?: string | null;
  readonly turnId: string | null;
  readonly actor?: Actor;
  /** What the goal asked of people is asked on. */
  readonly keepsPending?: boolean;
  /** More for the event. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** restartPolicy is `pause`. */
  readonly pauseOnRestart?: boolean;
}

/** What the runtime does to a goal, by the state table. Answers the goal as it then stands; unchanged where the table says so. */
export function moveByRuntime(
  writer: GoalWriter,
  tx: Tx,
  row: GoalRow,
  trigger: RuntimeTrigger,
  cause: RuntimeCause,
  change: GoalChange = {},
): GoalRow {
  if (row.ended_at_ms !== null) return row;
  const decision = decide(row.status, trigger, {
    headroom: true,
    answersReason: false,
    pauseOnRestart: cause.pauseOnRestart ?? false,
  });
  if (decision.kind !== 'move') return row;
  const { code, message, detail, turnId } = cause;
  return writer.move(
    tx,
    row,
    decision,
    {
      code,
      message,
      detail: detail ?? null,
      turnId,
      actor: cause.actor ?? RUNTIME_ACTOR,
      data: cause.data ?? {},
      keepsPending: cause.keepsPending ?? false,
    },
    change,
  );
}

/** The clean pause at a budget. */
export function reachBudget(
  writer: GoalWriter,
  tx: Tx,
  row: GoalRow,
  options: { reason: BudgetReason; turnId: string | null; message?: string },
): GoalRow {
  return moveByRuntime(writer, tx, row, 'budgetReached', {
    code: options.reason,
    message: options.message ?? budgetMessage(options.reason, budgetOf(row)),
    turnId: options.turnId,
  });
}
