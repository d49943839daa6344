import type { PendingRequest } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { approvalWords } from '../../goals/approval-records.js';
import type { GoalWriter } from '../../goals/goal-writer.js';
import { isAccepted, recordDecision } from '../../goals/pending-approvals.js';
import { RUNTIME_ACTOR } from '../../store/mutation.js';
import type { ApprovalRow } from '../../store/repositories/approvals.js';
import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';
import { moveByRuntime } from '../goal-moves.js';
import type { Failpoints } from '../ports/failpoints.js';
import type { ToolCall } from '../ports/tools.js';
import type { TurnStore } from '../turn-store.js';
import { methodOf, requestFor } from './approval-request.js';
import { declinedText, PARKED, STOPPED, WITHDRAWN } from './approval-text.js';
import type { Question, TurnRest } from './turn-rest.js';

export interface ApprovalsOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly rest: TurnRest;
  readonly failpoint: Failpoints;
}

/** A call that must not run before a person said so. */
export interface WantedCall {
  readonly call: ToolCall;
  readonly itemId: string;
  readonly requestId: string;
  readonly kind: 'command' | 'fileChange';
  readonly cwd: string;
  readonly command: string | null;
  readonly files: readonly string[];
  readonly reason: string | null;
  readonly unsandboxed: boolean;
  readonly amendment: readonly string[] | null;
}

export type Verdict =
  /** `approvalId` is for `begin`, which has the last word. */
  | { readonly kind: 'run'; readonly approvalId: string; readonly unsandboxed: boolean }
  /** It does not run, and the model reads `text`; the approval is settled with that. */
  | { readonly kind: 'refused'; readonly approvalId: string; readonly text: string }
  /** It does not run now, and the turn ends: the approval stays open. */
  | { readonly kind: 'parked'; readonly text: string };

/** Asks people about calls of turns in flight. */
export class Approvals {
  readonly #options: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Resolves when it is known what becomes of the call; a stop of the turn is one of the answers. */
  async ask(turn: ActiveTurn, wanted: WantedCall): Promise<Verdict> {
    const { rest, failpoint } = this.#options;
    const { id, question } = this.#request(turn, wanted);
    failpoint('approval.requested');
    let end: 'decided' | 'nobody' | 'stopped';
    try {
      end = await rest.wait(turn, question);
    } catch (error) {
      if (!turn.signal.aborted) throw error;
      end = 'stopped';
    }
    if (end === 'stopped') return this.#stopped(turn, id);
    if (end === 'nobody') {
      const parked = await this.#park(turn, id);
      failpoint('approval.parked');
      if (parked) return { kind: 'parked', text: PARKED };
    }
    return this.#decided(turn, id);
  }

  /** Marks, in a transaction, that an allowed call begins. False when it must not: it began before, or the goal was stopped since. */
  begin(turn: ActiveTurn, approvalId: string): boolean {
    return this.#options.store.repositories.approvals.begin(approvalId, turn.turnId);
  }

  #request(turn: ActiveTurn, wanted: WantedCall): { id: string; question: Question } {
    const { store, rest } = this.#options;
    const id = uuid();
    return store.write(turn, (tx) => {
      const row = this.#insert(tx, turn, id, wanted);
      const pending: PendingRequest = {
        requestId: id,
        kind: row.kind,
        what: approvalWords(row),
        sinceMs: tx.nowMs,
      };
      const request = requestFor(row);
      const question = {
        pending,
        request,
        method: methodOf(row),
        flag: 'waitingOnApproval',
      } as const;
      rest.begin(tx, turn, question);
      return { id, question };
    });
  }

  #insert(tx: Tx, turn: ActiveTurn, id: string, wanted: WantedCall): ApprovalRow {
    const { approvals } = this.#options.store.repositories;
    const { threadId, turnId, goalId } = turn;
    approvals.insert({
      id,
      thread_id: threadId,
      goal_id: goalId,
      turn_id: turnId,
      item_id: wanted.itemId,
      request_id: wanted.requestId,
      kind: wanted.kind,
      call_json: JSON.stringify(wanted.call),
      cwd: wanted.cwd,
      command: wanted.command,
      files_json: JSON.stringify(wanted.files),
      reason: wanted.reason,
      unsandboxed: wanted.unsandboxed ? 1 : 0,
      amendment_json: wanted.amendment === null ? null : JSON.stringify(wanted.amendment),
      decision: null,
      decided_by_json: null,
      decision_reason: null,
      requested_at_ms: tx.nowMs,
      decided_at_ms: null,
      parked: 0,
      settled: 0,
      ran_in_turn_id: null,
    });
    tx.emit({
      type: 'approval.requested',
      threadId,
      goalId,
      turnId,
      data: {
        approvalId: id,
        kind: wanted.kind,
        command: wanted.command,
        files: wanted.files,
        cwd: wanted.cwd,
        reason: wanted.reason,
        unsandboxed: wanted.unsandboxed,
        itemId: wanted.itemId,
      },
    });
    return this.#find(id);
  }

  /** Nobody is there: the turn ends and the goal waits for an answer. False when one came in the last moment. */
  async #park(turn: ActiveTurn, id: string): Promise<boolean> {
    const { store, goals } = this.#options;
    const { approvals } = store.repositories;
    return store.writeWhenPossible(turn, (tx) => {
      const row = this.#find(id);
      if (row.decision !== null) return false;
      approvals.park(id);
      const goal = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
      if (goal !== undefined) parkGoal(goals, tx, goal, row, turn.turnId);
      return true;
    });
  }

  /** The daemon's own stop leaves it open for the next one; any other withdraws it. */
  async #stopped(turn: ActiveTurn, id: string): Promise<Verdict> {
    const { store } = this.#options;
    if (turn.isShutDown) return { kind: 'parked', text: STOPPED };
    await store.land(turn, (tx) => {
      const row = this.#find(id);
      if (row.decision !== null) return;
      const verdict = { decision: 'withdrawn', reason: null, actor: RUNTIME_ACTOR } as const;
      recordDecision(tx, store.repositories.approvals, row, verdict);
    });
    return { kind: 'refused', approvalId: id, text: STOPPED };
  }

  async #decided(turn: ActiveTurn, id: string): Promise<Verdict> {
    const { store, rest } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      rest.end(tx, turn);
    });
    const { decision, decision_reason: reason, unsandboxed } = this.#find(id);
    if (isAccepted(decision)) {
      return { kind: 'run', approvalId: id, unsandboxed: unsandboxed === 1 };
    }
    const text = decision === 'withdrawn' ? WITHDRAWN : declinedText(reason);
    return { kind: 'refused', approvalId: id, text };
  }

  #find(id: string): ApprovalRow {
    const row = this.#options.store.repositories.approvals.find(id);
    if (row === undefined) throw new Error(`Approval ${id} is gone.`);
    return row;
  }
}

/** A goal whose turn is over waits for a person to decide. */
export function parkGoal(
  goals: GoalWriter,
  tx: Tx,
  goal: Parameters<typeof moveByRuntime>[2],
  row: ApprovalRow,
  turnId: string | null,
): void {
  moveByRuntime(goals, tx, goal, 'needsPerson', {
    code: 'needsInput',
    message: `Waits for approval: ${approvalWords(row)}`,
    detail: row.reason,
    turnId,
    keepsPending: true,
  });
}
