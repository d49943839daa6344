import type { Blocker, Proposal } from '@goald/protocol';
import type { BlockerRow } from '../store/repositories/blockers.js';
import type { ProposalRow } from '../store/repositories/proposals.js';

/** A blocker as clients see it. */
export function toBlocker(row: BlockerRow): Blocker {
  return {
    blockerId: row.id,
    summary: row.summary,
    question: row.question,
    severity: row.severity,
    resolved: row.resolved === 1,
    raisedAtMs: row.raised_at_ms,
    answer: row.answer,
    resolvedAtMs: row.resolved_at_ms,
  };
}

/** A proposed objective as clients see it. */
export function toProposal(row: ProposalRow): Proposal {
  return {
    proposalId: row.id,
    objective: row.objective,
    decision: row.decision,
    madeAtMs: row.made_at_ms,
    decidedAtMs: row.decided_at_ms,
    reason: row.reason,
  };
}
