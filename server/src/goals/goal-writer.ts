import {
  notifications,
  type EventType,
  type StatusReason,
  type StatusReasonCode,
} from '@goald/protocol';
import type { Insertable } from 'kysely';
import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { WaitResult } from '../store/repositories/waits.js';
import { RUNTIME_ACTOR, type Actor } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalTable } from '../store/schema.js';
import type { Tx } from '../store/store.js';
import type { GoalDecision } from './goal-state.js';
import { noticesOf, toGoal } from './goal-record.js';
import { closeWait } from './goal-wait.js';
import { closePending, voidGranted } from './pending-approvals.js';
import { freshBlockers } from './resolve-blocker.js';

/** Why a goal changes, and through whom. */
export interface Cause {
  readonly actor: Actor;
  readonly turnId: string | null;
  readonly code: StatusReasonCode;
  /** One sentence for a person. */
  readonly message: string;
  readonly detail?: string | null;
  /** What the goal asked of people is asked on. */
  readonly keepsPending?: boolean;
  /** More for the event. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const ALL = { to: 'all' } as const;

/** Tells the model, with its next request, that its question stays without an answer. */
const RESUMED_NOTICE =
  'The user resumed this goal without answering what blocked you: look whether it is solved, or decide it yourself.';

/** The one place that writes goals. Each change commits with its event and the notification of the goal as it then stands. */
export class GoalWriter {
  readonly #goals: Repositories['goals'];
  readonly #blockers: Repositories['blockers'];
  readonly #waits: Repositories['waits'];
  readonly #approvals: Repositories['approvals'];

  constructor(repositories: Pick<Repositories, 'goals' | 'blockers' | 'waits' | 'approvals'>) {
    this.#goals = repositories.goals;
    this.#blockers = repositories.blockers;
    this.#waits = repositories.waits;
    this.#approvals = repositories.approvals;
  }

  create(tx: Tx, row: Insertable<GoalTable>, actor: Actor): GoalRow {
    this.#goals.insert(row);
    const created = assertThere(this.#goals.find(row.goal_id), row.goal_id);
    this.#recordCreated(tx, created, actor);
    return created;
  }

  /** Tells of a goal that was read in from another store; of one that was history there, nothing. It must not be active. */
  adopt(tx: Tx, goalId: string, actor: Actor): void {
    const row = assertThere(this.#goals.find(goalId), goalId);
    if (row.status === 'active') throw new Error(`Goal ${goalId} was read in at work.`);
    if (row.ended_at_ms === null) this.#recordCreated(tx, row, actor);
  }

  /** A change of definition by a user; raises the revision. `fields` names what the user changed. */
  edit(
    tx: Tx,
    row: GoalRow,
    change: GoalChange,
    actor: Actor,
    fields: readonly string[] = Object.keys(change),
  ): GoalRow {
    const edited = this.#update(tx, row, {
      ...change,
      ...closePending(tx, this.#approvals, row, actor),
      refused: 0,
      revision: row.revision + 1,
    });
    this.#record(tx, edited, 'goal.edited', null, {
      fields,
      objective: edited.objective,
      origin: actor,
    });
    return edited;
  }

  /** The only way a status changes. */
  move(
    tx: Tx,
    row: GoalRow,
    decision: Extract<GoalDecision, { kind: 'move' }>,
    cause: Cause,
    change: GoalChange = {},
  ): GoalRow {
    const reason: StatusReason = {
      code: cause.code,
      message: cause.message,
      detail: cause.detail ?? null,
      atMs: tx.nowMs,
    };
    const active = decision.to === 'active';
    const freed = this.#freshBlockers(tx, row, decision, cause.actor);
    const waited = closeWait(tx, this.#waits, row, 'stopped');
    const asked =
      cause.keepsPending === true ? {} : closePending(tx, this.#approvals, row, cause.actor);
    if (!active && cause.actor.kind !== 'runtime') voidGranted(this.#approvals, row);
    const moved = this.#update(tx, row, {
      status: decision.to,
      phase: active ? 'queued' : null,
      next_action_at_ms: null,
      status_reason_json: active ? null : JSON.stringify(reason),
      verified: decision.verified ? 1 : 0,
      ...(active ? { idle_turns: 0, idle_compactions: 0 } : {}),
      // A person gives the goal a fresh count of refusals, a clock does not.
      ...(active && cause.actor.kind !== 'runtime' ? { refused: 0 } : {}),
      ...freed,
      ...waited,
      ...asked,
      ...change,
      revision: row.revision + 1,
    });
    this.#record(tx, moved, 'goal.statusChanged', cause.turnId, {
      from: row.status,
      to: decision.to,
      reason,
      origin: cause.actor,
      ...cause.data,
    });
    return moved;
  }

  /** Going on is an answer of its own to what was asked. */
  #freshBlockers(
    tx: Tx,
    row: GoalRow,
    decision: Extract<GoalDecision, { kind: 'move' }>,
    actor: Actor,
  ): GoalChange {
    if (!decision.freshBlockers) return {};
    if (freshBlockers(tx, this.#blockers, row, actor) === 0) return {};
    const notices = [...new Set([...noticesOf(row), RESUMED_NOTICE])];
    return { notices_json: JSON.stringify(notices) };
  }

  /** A change that is neither definition nor status: counters, phase, progress. The revision stays. */
  note(
    tx: Tx,
    row: GoalRow,
    change: GoalChange,
    event: { type: EventType; turnId: string | null; data: Record<string, unknown> } | null,
  ): GoalRow {
    const noted = this.#update(tx, row, change);
    if (event === null) return noted;
    this.#record(tx, noted, event.type, event.turnId, event.data);
    return noted;
  }

  /** Ends what the goal waits for, if anything, and lets it go on. Told with the goal's next change. */
  endWait(tx: Tx, row: GoalRow, result: WaitResult): GoalRow {
    const waited = closeWait(tx, this.#waits, row, result);
    return waited === null ? row : this.#update(tx, row, waited);
  }

  /** Tells the goal as it stands, where a counter moved without an event of its own. */
  tell(tx: Tx, row: GoalRow, turnId: string | null): void {
    if (row.ended_at_ms !== null) return;
    const params = { threadId: row.thread_id, turnId, goal: this.#goals.view(row, toGoal) };
    tx.tell(outgoing(notifications.threadGoalUpdated, params, ALL));
  }

  remove(tx: Tx, row: GoalRow, actor: Actor): void {
    const reason: StatusReason = {
      code: 'user',
      message: 'Cleared by the user.',
      detail: null,
      atMs: tx.nowMs,
    };
    const stopped =
      row.status === 'active'
        ? { status: 'paused' as const, status_reason_json: JSON.stringify(reason) }
        : {};
    const ended = this.end(tx, row, stopped, actor);
    tx.emit({
      type: 'goal.cleared',
      threadId: row.thread_id,
      goalId: row.goal_id,
      revision: ended.revision,
      data: { status: row.status, origin: actor },
    });
    tx.tell(outgoing(notifications.threadGoalCleared, { threadId: row.thread_id }, ALL));
  }

  /** Makes a goal history, so that its thread can have another. */
  end(tx: Tx, row: GoalRow, change: GoalChange = {}, actor: Actor = RUNTIME_ACTOR): GoalRow {
    voidGranted(this.#approvals, row);
    return this.#update(tx, row, {
      ...change,
      ...closeWait(tx, this.#waits, row, 'stopped'),
      ...closePending(tx, this.#approvals, row, actor),
      phase: null,
      next_action_at_ms: null,
      ended_at_ms: tx.nowMs,
      revision: row.revision + 1,
    });
  }

  #recordCreated(tx: Tx, row: GoalRow, actor: Actor): void {
    this.#record(tx, row, 'goal.created', null, {
      objective: row.objective,
      status: row.status,
      tokenBudget: row.token_budget,
      origin: actor,
    });
  }

  #record(
    tx: Tx,
    row: GoalRow,
    type: EventType,
    turnId: string | null,
    data: Readonly<Record<string, unknown>>,
  ): void {
    const where = { threadId: row.thread_id, turnId };
    tx.emit({ ...where, type, goalId: row.goal_id, revision: row.revision, data });
    this.tell(tx, row, turnId);
  }

  #update(tx: Tx, row: GoalRow, change: GoalChange): GoalRow {
    const updated = this.#goals.update(row.goal_id, { ...change, updated_at_ms: tx.nowMs });
    return assertThere(updated, row.goal_id);
  }
}

function assertThere(row: GoalRow | undefined, goalId: string): GoalRow {
  if (row === undefined) throw new Error(`Goal ${goalId} is gone.`);
  return row;
}
