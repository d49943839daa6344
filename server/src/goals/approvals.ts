import {
  ProtocolError,
  type Approval,
  type ApprovalRule,
  type CommandDecision,
  type ParamsOf,
  type goalApprovalDecide,
  type goalApprovalForget,
  type goalApprovalList,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { MutationContext, Mutations } from '../store/mutation.js';
import type { ApprovalRow } from '../store/repositories/approvals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { Tx } from '../store/store.js';
import { amendmentOf, filesOf, toApproval, toApprovalRule } from './approval-records.js';
import type { GoalService } from './goal-service.js';
import type { GoalWriter } from './goal-writer.js';
import { pendingOf, recordDecision, type ApprovalVerdict } from './pending-approvals.js';
import { assertMayEdit } from './policy.js';
import { toGoal } from './goal-record.js';
import { sign } from './progress.js';

export interface ApprovalServiceOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly goals: GoalService;
  readonly writer: GoalWriter;
  /** Named places between two steps. */
  readonly failpoint: (name: string) => void;
}

type ListParams = ParamsOf<typeof goalApprovalList>;
type DecideParams = Pick<ParamsOf<typeof goalApprovalDecide>, 'approvalId' | 'decision'> &
  Partial<ParamsOf<typeof goalApprovalDecide>>;

const LISTED = 100;

/** What users do about what the agent may not do unasked. */
export class ApprovalService {
  readonly #options: ApprovalServiceOptions;

  constructor(options: ApprovalServiceOptions) {
    this.#options = options;
  }

  /** Throws thread_not_found. */
  list({ threadId, all, limit }: ListParams): { data: Approval[]; rules: ApprovalRule[] } {
    const { approvals, approvalRules, threads } = this.#options.repositories;
    const thread = threadId ?? undefined;
    if (thread !== undefined && threads.find(thread) === undefined) {
      throw new ProtocolError('thread_not_found', `There is no thread ${thread}.`, {
        threadId: thread,
      });
    }
    const most = limit ?? LISTED;
    const rows = all === true ? approvals.latest(thread, most) : approvals.pending(thread);
    const rules = thread === undefined ? approvalRules.all() : approvalRules.ofThread(thread);
    return { data: rows.slice(-most).map(toApproval), rules: rules.map(toApprovalRule) };
  }

  /** Of several who decide at once the first one does; the others get approval_not_found with the decision that counts. */
  decide(params: DecideParams, context: MutationContext): Approval {
    assertMayEdit(params.origin);
    const { mutations, failpoint } = this.#options;
    const decided = mutations.run(context, (tx) => {
      const row = this.#pending(params.approvalId);
      const verdict = verdictOf(row, params.decision, params.reason ?? null, context);
      recordDecision(tx, this.#options.repositories.approvals, row, verdict);
      this.#allowForGood(tx, row, verdict);
      this.#goOn(tx, row, verdict);
      failpoint('approval.deciding');
      return toApproval(this.#require(row.id));
    });
    failpoint('approval.decided');
    return decided;
  }

  forget(params: ParamsOf<typeof goalApprovalForget>, context: MutationContext): void {
    assertMayEdit(params.origin);
    this.#options.mutations.run(context, () => {
      this.#options.repositories.approvalRules.remove(params.ruleId);
      return {};
    });
  }

  #pending(approvalId: string): ApprovalRow {
    const row = this.#options.repositories.approvals.find(approvalId);
    if (row?.decision === null) return row;
    if (row === undefined) {
      throw new ProtocolError(
        'approval_not_found',
        `There is no approval ${approvalId}: list those that wait with goal/approval/list.`,
        { approvalId },
      );
    }
    throw new ProtocolError(
      'approval_not_found',
      row.decision === 'withdrawn'
        ? 'That is not asked any more: the goal was stopped or changed meanwhile.'
        : `That was decided already: ${row.decision}.`,
      { approval: toApproval(row) },
    );
  }

  #allowForGood(tx: Tx, row: ApprovalRow, { decision, amendment }: ApprovalVerdict): void {
    const { approvalRules } = this.#options.repositories;
    const rule = { id: uuid(), approval_id: row.id, made_at_ms: tx.nowMs };
    if (amendment !== undefined) {
      const what_json = JSON.stringify(amendment);
      approvalRules.add({ ...rule, kind: 'prefix', thread_id: null, what_json, cwd: null });
    }
    if (decision !== 'acceptForSession') return;
    // Allowed without the sandbox once is not allowed without it for ever.
    if (row.unsandboxed === 1) return;
    approvalRules.add({
      ...rule,
      kind: row.kind,
      thread_id: row.thread_id,
      what_json: JSON.stringify(row.command === null ? filesOf(row) : [row.command]),
      cwd: row.cwd,
    });
  }

  /** A turn that waits hears of it by the event. What has none any more goes on with the next one. */
  #goOn(tx: Tx, row: ApprovalRow, { decision, actor }: ApprovalVerdict): void {
    const { repositories, goals, writer } = this.#options;
    const goal = row.goal_id === null ? undefined : repositories.goals.find(row.goal_id);
    if (goal?.ended_at_ms !== null) return;
    const isReason = goal.status_reason_json !== null && pendingOf(goal)?.requestId === row.id;
    const noted = writer.note(tx, goal, { pending_json: null }, null);
    repositories.notes.addSign(goal.goal_id, sign.answer(row.id), null, tx.nowMs);
    if (decision === 'cancel') {
      goals.triggerByUser(tx, row.thread_id, 'interrupt', actor);
      return;
    }
    if (row.parked === 0) return;
    const frees = isReason && toGoal(goal).statusReason?.code === 'needsInput';
    goals.answeredIn(tx, noted, frees, actor);
  }

  #require(id: string): ApprovalRow {
    const row = this.#options.repositories.approvals.find(id);
    if (row === undefined) throw new Error(`Approval ${id} is gone.`);
    return row;
  }
}

/** Throws for what cannot be decided of it. */
function verdictOf(
  row: ApprovalRow,
  decision: CommandDecision,
  reason: string | null,
  { actor }: MutationContext,
): ApprovalVerdict {
  if (typeof decision === 'string') return { decision, reason, actor };
  if (row.kind !== 'command' || row.unsandboxed === 1) {
    throw new ProtocolError(
      'invalid_transition',
      'Only commands that run in the sandbox can be allowed by their first words: accept it, or accept it for the session.',
      { approvalId: row.id },
    );
  }
  const amendment = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
  const proposed = amendmentOf(row);
  if (proposed === null || amendment.some((word, index) => word !== proposed[index])) {
    throw new ProtocolError(
      'invalid_transition',
      proposed === null
        ? 'This command cannot be allowed by its first words, which would say too much or too little: accept it, or accept it for the session.'
        : `Only the first words of this command can be allowed from now on: ${JSON.stringify(proposed)}.`,
      { approvalId: row.id },
    );
  }
  return { decision: 'acceptWithExecpolicyAmendment', reason, actor, amendment };
}
