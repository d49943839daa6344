import { serverRequests, type CommandDecision } from '@goald/protocol';
import { amendmentOf } from '../../goals/approval-records.js';
import { asking, type Outgoing } from '../../store/outgoing.js';
import type { ApprovalRow } from '../../store/repositories/approvals.js';

const { commandExecutionRequestApproval, fileChangeRequestApproval } = serverRequests;

export const COMMAND_METHOD = commandExecutionRequestApproval.method;

export function methodOf({ kind }: Pick<ApprovalRow, 'kind'>): string {
  return kind === 'command'
    ? commandExecutionRequestApproval.method
    : fileChangeRequestApproval.method;
}

/** What clients are asked. */
export function requestFor(row: ApprovalRow): Outgoing {
  const shared = {
    threadId: row.thread_id,
    turnId: row.turn_id,
    itemId: row.item_id,
    startedAtMs: row.requested_at_ms,
    reason: row.reason,
  };
  if (row.kind === 'fileChange') {
    const params = { ...shared, grantRoot: null };
    return asking(fileChangeRequestApproval, row.id, params, row.thread_id);
  }
  const command = row.command ?? '';
  const amendment = amendmentOf(row);
  const params = {
    kind: 'command' as const,
    ...shared,
    approvalId: null,
    environmentId: null,
    command,
    cwd: row.cwd,
    commandActions: [{ type: 'unknown' as const, command }],
    proposedExecpolicyAmendment: amendment,
    availableDecisions: decisionsFor(row, amendment),
  };
  return asking(commandExecutionRequestApproval, row.id, params, row.thread_id);
}

function decisionsFor(row: ApprovalRow, amendment: string[] | null): CommandDecision[] {
  if (row.unsandboxed === 1) return ['accept', 'decline', 'cancel'];
  return [
    'accept',
    'acceptForSession',
    ...(amendment === null
      ? []
      : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } }]),
    'decline',
    'cancel',
  ];
}
