import { notifications, type PendingRequest } from '@goald/protocol';
import type { Actor } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { ApprovalRepository, ApprovalRow } from '../store/repositories/approvals.js';
import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';

type Decision = NonNullable<ApprovalRow['decision']>;

export interface ApprovalVerdict {
  readonly decision: Decision;
  readonly reason: string | null;
  readonly actor: Actor;
  /** First words that are allowed for good with it. */
  readonly amendment?: readonly string[];
}

export function isAccepted(decision: ApprovalRow['decision']): boolean {
  return (
    decision === 'accept' ||
    decision === 'acceptForSession' ||
    decision === 'acceptWithExecpolicyAmendment'
  );
}

/** Decides an approval, with its event. False when it was decided before: then nothing changes. */
export function recordDecision(
  tx: Tx,
  approvals: ApprovalRepository,
  row: ApprovalRow,
  verdict: ApprovalVerdict,
): boolean {
  const { decision, reason, actor, amendment } = verdict;
  const isFirst = approvals.decide(row.id, {
    decision,
    decided_by_json: JSON.stringify(actor),
    decision_reason: reason,
    decided_at_ms: tx.nowMs,
  });
  if (!isFirst) return false;
  tx.emit({
    type: 'approval.decided',
    threadId: row.thread_id,
    goalId: row.goal_id,
    turnId: row.turn_id,
    data: {
      approvalId: row.id,
      kind: row.kind,
      command: row.command,
      files: JSON.parse(row.files_json) as string[],
      decision,
      reason,
      ...(amendment === undefined ? {} : { amendment }),
      parked: row.parked === 1,
      origin: actor,
    },
  });
  tellResolved(tx, row.thread_id, row.id);
  return true;
}

/** Clients that were asked need not ask on. */
export function tellResolved(tx: Tx, threadId: string, requestId: string): void {
  tx.tell(
    outgoing(
      notifications.serverRequestResolved,
      { threadId, requestId },
      { to: 'people', threadId },
    ),
  );
}

export function pendingOf(row: Pick<GoalRow, 'pending_json'>): PendingRequest | null {
  return row.pending_json === null ? null : (JSON.parse(row.pending_json) as PendingRequest);
}

/** What a goal asked of people is asked no more. Answers what that changes in its row. */
export function closePending(
  tx: Tx,
  approvals: ApprovalRepository,
  row: GoalRow,
  actor: Actor,
): GoalChange {
  const pending = pendingOf(row);
  if (pending === null) return {};
  if (pending.kind === 'question') tellResolved(tx, row.thread_id, pending.requestId);
  withdraw(tx, approvals, approvals.pending(row.thread_id), row.goal_id, actor);
  return { pending_json: null };
}

/** What was allowed and has not begun does not begin any more: a person stopped the goal. */
export function voidGranted(approvals: ApprovalRepository, row: GoalRow): void {
  for (const one of approvals.unsettled(row.thread_id)) {
    if (one.goal_id === row.goal_id && isAccepted(one.decision)) approvals.settle(one.id);
  }
}

/** What turns without a goal asked is asked no more: the user went on. */
export function closePendingOfThread(
  tx: Tx,
  approvals: ApprovalRepository,
  threadId: string,
  actor: Actor,
): void {
  withdraw(tx, approvals, approvals.pending(threadId), null, actor);
}

/** The same for a user who stops such a turn: what was allowed and has not begun does not begin any more. */
export function stopAsking(
  tx: Tx,
  approvals: ApprovalRepository,
  threadId: string,
  actor: Actor,
): void {
  closePendingOfThread(tx, approvals, threadId, actor);
  for (const one of approvals.unsettled(threadId)) {
    if (one.goal_id === null && isAccepted(one.decision)) approvals.settle(one.id);
  }
}

function withdraw(
  tx: Tx,
  approvals: ApprovalRepository,
  rows: readonly ApprovalRow[],
  goalId: string | null,
  actor: Actor,
): void {
  for (const row of rows) {
    if (row.goal_id !== goalId) continue;
    recordDecision(tx, approvals, row, { decision: 'withdrawn', reason: null, actor });
  }
}
