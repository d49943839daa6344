import type { Approval, ApprovalRule } from '@goald/protocol';
import type { ApprovalRuleRow } from '../store/repositories/approval-rules.js';
import type { ApprovalRow } from '../store/repositories/approvals.js';

/** An approval as clients see it. */
export function toApproval(row: ApprovalRow): Approval {
  return {
    approvalId: row.id,
    threadId: row.thread_id,
    goalId: row.goal_id,
    turnId: row.turn_id,
    itemId: row.item_id,
    kind: row.kind,
    command: row.command,
    files: filesOf(row),
    cwd: row.cwd,
    reason: row.reason,
    unsandboxed: row.unsandboxed === 1,
    proposedAmendment: amendmentOf(row),
    decision: row.decision ?? 'pending',
    decisionReason: row.decision_reason,
    requestedAtMs: row.requested_at_ms,
    decidedAtMs: row.decided_at_ms,
  };
}

/** What a person has allowed for good, as clients see it. */
export function toApprovalRule(row: ApprovalRuleRow): ApprovalRule {
  return {
    ruleId: row.id,
    kind: row.kind,
    threadId: row.thread_id,
    what: JSON.parse(row.what_json) as string[],
    cwd: row.cwd,
    madeAtMs: row.made_at_ms,
  };
}

export function filesOf(row: Pick<ApprovalRow, 'files_json'>): string[] {
  return JSON.parse(row.files_json) as string[];
}

export function amendmentOf(row: Pick<ApprovalRow, 'amendment_json'>): string[] | null {
  return row.amendment_json === null ? null : (JSON.parse(row.amendment_json) as string[]);
}

const WHAT_CHARS = 200;

/** What is asked, in one line. */
export function approvalWords(row: Pick<ApprovalRow, 'command' | 'files_json'>): string {
  const text = row.command ?? `change ${filesOf(row).join(', ')}`;
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > WHAT_CHARS ? `${line.slice(0, WHAT_CHARS)}…` : line;
}
