import {
  ProtocolError,
  type Goal,
  type SandboxMode,
  type VerificationInput,
} from '@goald/protocol';
import type { Actor, MutationContext, Mutations } from '../store/mutation.js';
import type { Repositories } from '../store/repositories/index.js';
import type { GoalChange, GoalRow } from '../store/repositories/goals.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { Tx } from '../store/store.js';
import { exhausted } from './budget.js';
import { addedBudgets, changeOf, newGoal, spentBy, type ResumeParams } from './goal-change.js';
import { assertAvailable, type SetParams } from './goal-definition.js';
import { budgetOf, noticesOf, toGoal } from './goal-record.js';
import { decide, type GoalDecision, type GoalTrigger } from './goal-state.js';
import type { GoalWriter } from './goal-writer.js';
import { assertMayEdit, checkedObjective, type Limits } from './policy.js';
import { sign } from './progress.js';
import {
  archivedError,
  budgetExhaustedError,
  priceUnknownError,
  refusal,
  userCause,
} from './refusals.js';
import { withSections } from './objective-sections.js';
import { isPauseOnly, triggerOf } from './set-trigger.js';

export interface GoalServiceOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly writer: GoalWriter;
  /** Throws sandbox_unavailable for a mode that cannot be enforced in the folder of a thread. */
  readonly assertSandbox: (mode: SandboxMode, cwd: string) => void;
  /** Read at each use: the configuration can be reloaded. */
  readonly limits: (thread: ThreadRow) => Limits;
  /** Commands that verify new goals of a thread which name none. Throws policy_refused. */
  readonly verification: (thread: ThreadRow) => readonly VerificationInput[];
  /** The model a thread works with, and whether its price is known. */
  readonly pricing: (thread: ThreadRow) => { readonly model: string; readonly priced: boolean };
}

interface OnThread {
  readonly threadId: string;
  readonly expectedRevision?: number | null | undefined;
}

/** Tells the model, with its next request, that a user changed what it works on. */
const EDITED_NOTICE =
  'The user has just edited this goal. Read it again and go on from what it says now.';

/** What leaves an active goal active, unless a budget that is set along with it is used up already. */
const KEEPS_ACTIVE: ReadonlySet<GoalTrigger> = new Set([
  'setObjective',
  'setObjectiveActive',
  'activate',
]);

/** What users can do to goals. */
export class GoalService {
  readonly #options: GoalServiceOptions;

  constructor(options: GoalServiceOptions) {
    this.#options = options;
  }

  get(threadId: string): Goal | null {
    const row = this.#options.repositories.goals.glance(threadId);
    if (row !== undefined) return this.#view(row);
    this.#thread(threadId);
    return null;
  }

  set(params: SetParams, context: MutationContext): Goal {
    if (params.origin === 'automatic' && isPauseOnly(params)) return this.pause(params, context);
    assertMayEdit(params.origin);
    return this.#options.mutations.run(context, (tx) => this.setIn(tx, params, context.actor));
  }

  /** The same inside a transaction that does more. */
  setIn(tx: Tx, asked: SetParams, actor: Actor): Goal {
    assertAvailable(asked);
    const objective = asked.objective == null ? null : checkedObjective(asked.objective);
    const row = this.#expect(asked);
    const params = withSections(asked, objective, row);
    assertAvailable(params);
    if (params.sandbox != null) {
      const thread = this.#options.repositories.threads.find(params.threadId);
      this.#options.assertSandbox(params.sandbox, thread?.cwd ?? '/');
    }
    const wish = triggerOf(params, objective);
    if (wish === null) {
      if (row === undefined) throw refusal('none', 'setBudget');
      return this.#view(row);
    }
    const { writer } = this.#options;
    const limits = this.#limits(params.threadId);
    const change = changeOf(params, objective, row, limits);
    if (change.cost_budget_nano != null) this.#assertPriced(params.threadId);
    const stops =
      row?.status === 'active' && KEEPS_ACTIVE.has(wish) && spentBy(row, change) !== null;
    const trigger = stops ? 'setBudget' : wish;
    const decision = this.#decide(params.threadId, row, trigger, change);
    if (decision.kind !== 'create') {
      return this.#view(this.#apply(tx, row, decision, change, trigger, actor));
    }
    if (row !== undefined) writer.end(tx, row);
    const goal = { objective: objective ?? '', status: decision.status, nowMs: tx.nowMs };
    const created = newGoal(this.#withChecks(params), goal, limits);
    if (created.cost_budget_nano != null) this.#assertPriced(params.threadId);
    return this.#view(writer.create(tx, created, actor));
  }

  pause(params: OnThread, context: MutationContext): Goal {
    return this.#options.mutations.run(context, (tx) => {
      const row = this.#expect(params);
      const decision = this.#decide(params.threadId, row, 'pause', {});
      return this.#view(this.#apply(tx, row, decision, {}, 'pause', context.actor));
    });
  }

  resume(params: ResumeParams, context: MutationContext): Goal {
    assertMayEdit(params.origin);
    return this.#options.mutations.run(context, (tx) => {
      const row = this.#expect(params);
      const change =
        row === undefined ? {} : addedBudgets(row, params, this.#limits(params.threadId));
      const decision = this.#decide(params.threadId, row, 'activate', change);
      return this.#view(this.#apply(tx, row, decision, change, 'activate', context.actor));
    });
  }

  clear(params: OnThread, context: MutationContext): boolean {
    return this.#options.mutations.run(context, (tx) => {
      this.#expect(params);
      return this.triggerByUser(tx, params.threadId, 'clear', context.actor);
    });
  }

  /** The goal of a thread, checked as every mutation checks it. Throws thread_not_found, goal_not_found and revision_conflict. */
  expected(params: OnThread): GoalRow {
    const row = this.#expect(params);
    if (row !== undefined) return row;
    throw new ProtocolError('goal_not_found', 'This thread has no goal: set an objective first.', {
      threadId: params.threadId,
    });
  }

  /** A user gave what the goal asked for. It goes on if that was why it stood (`frees`). */
  answeredIn(tx: Tx, row: GoalRow, frees: boolean, actor: Actor): GoalRow {
    const decision = this.#decide(row.thread_id, row, 'answered', {}, frees);
    if (decision.kind !== 'move') return this.heardIn(tx, row);
    return this.#options.writer.move(tx, row, decision, userCause('answered', actor));
  }

  /** A user said something to an active goal between its turns: the brake begins anew, and the next turn does not wait. */
  heardIn(tx: Tx, row: GoalRow): GoalRow {
    if (row.status !== 'active') return row;
    const { writer, repositories } = this.#options;
    if (repositories.turns.inProgress(row.thread_id) !== undefined) {
      return writer.note(tx, row, { idle_turns: 0 }, null);
    }
    return writer.note(
      tx,
      writer.endWait(tx, row, 'interrupted'),
      { idle_turns: 0, phase: 'queued', next_action_at_ms: null },
      { type: 'goal.phaseChanged', turnId: null, data: { phase: 'queued', idleTurns: 0 } },
    );
  }

  /** The thread of a goal that rested while plans were made is there for work again. */
  endPlanningIn(tx: Tx, threadId: string): void {
    const { writer, repositories } = this.#options;
    const row = repositories.goals.current(threadId);
    if (row?.status !== 'active' || row.phase !== 'planning') return;
    const event = { type: 'goal.phaseChanged', turnId: null, data: { phase: 'queued' } } as const;
    writer.note(tx, row, { phase: 'queued' }, event);
  }

  /** What a client's act on thread or turn does to the goal. False when nothing changed. */
  triggerByUser(
    tx: Tx,
    threadId: string,
    trigger: 'clear' | 'interrupt' | 'archive' | 'delete',
    actor: Actor,
  ): boolean {
    const row = this.#options.repositories.goals.current(threadId);
    const decision = this.#decide(threadId, row, trigger, {});
    if (row === undefined || decision.kind === 'same') return false;
    if (decision.kind === 'remove') this.#options.writer.remove(tx, row, actor);
    else if (decision.kind === 'move') {
      this.#options.writer.move(tx, row, decision, userCause(trigger, actor));
    }
    return true;
  }

  #apply(
    tx: Tx,
    row: GoalRow | undefined,
    decision: GoalDecision,
    change: GoalChange,
    trigger: GoalTrigger,
    actor: Actor,
  ): GoalRow {
    if (row === undefined) throw refusal('none', trigger);
    const { writer } = this.#options;
    const changes = Object.keys(change).length > 0;
    switch (decision.kind) {
      case 'same':
        return changes ? writer.edit(tx, row, change, actor) : row;
      case 'stay':
        return decision.steersTurn
          ? this.#steer(tx, row, change, actor)
          : writer.edit(tx, row, change, actor);
      case 'move': {
        const edited = changes ? writer.edit(tx, row, change, actor) : row;
        const cause = userCause(trigger, actor);
        const code = decision.to === 'budgetLimited' ? spentBy(row, change) : null;
        return writer.move(tx, edited, decision, code === null ? cause : { ...cause, code });
      }
      case 'create':
      case 'remove':
      case 'refuse':
        throw new Error(`${trigger} cannot lead to ${decision.kind} here.`);
    }
  }

  /** An edit of an active goal is a user's input: the model is told, and the brake begins anew. */
  #steer(tx: Tx, row: GoalRow, change: GoalChange, actor: Actor): GoalRow {
    const { writer, repositories } = this.#options;
    const revision = `edit:${String(row.revision + 1)}`;
    repositories.notes.addSign(row.goal_id, sign.userInput(revision), null, tx.nowMs);
    const idle = repositories.turns.inProgress(row.thread_id) === undefined;
    // What the goal is about ends a wait; another budget alone does not.
    const rewritten = change.objective !== undefined || change.definition_json !== undefined;
    const goal = rewritten ? writer.endWait(tx, row, 'interrupted') : row;
    const goesOn = idle && goal.wait_json === null;
    return writer.edit(
      tx,
      goal,
      {
        ...change,
        notices_json: JSON.stringify([...new Set([...noticesOf(row), EDITED_NOTICE])]),
        idle_turns: 0,
        idle_compactions: 0,
        ...(goesOn ? { phase: 'queued' as const, next_action_at_ms: null } : {}),
      },
      actor,
      Object.keys(change),
    );
  }

  /** Throws what the table refuses, and what would set an archived thread to work. */
  #decide(
    threadId: string,
    row: GoalRow | undefined,
    trigger: GoalTrigger,
    change: GoalChange,
    answersReason = false,
  ): GoalDecision {
    const state = row?.status ?? 'none';
    const after = row === undefined ? undefined : budgetOf({ ...row, ...change });
    const spent =
      row === undefined || after === undefined
        ? null
        : state === 'active'
          ? spentBy(row, change)
          : exhausted(after);
    const decision = decide(state, trigger, {
      headroom: spent === null,
      answersReason,
      pauseOnRestart: false,
    });
    const works =
      (decision.kind === 'create' && decision.status === 'active') ||
      (decision.kind === 'move' && decision.to === 'active');
    if (works && this.#thread(threadId).archived === 1) throw archivedError(threadId);
    const wakes = decision.kind === 'move' && decision.to === 'active';
    if (wakes && after !== undefined && after.costBudgetNano !== null) {
      this.#assertPriced(threadId);
    }
    if (decision.kind !== 'refuse') return decision;
    throw decision.code === 'budget_exhausted' && spent !== null && after !== undefined
      ? budgetExhaustedError(spent, after)
      : refusal(state, trigger);
  }

  /** The current goal of a thread that is there, checked against the revision the caller saw. */
  #expect(expected: OnThread): GoalRow | undefined {
    const row = this.#current(expected.threadId);
    const revision = expected.expectedRevision;
    if (revision != null && row?.revision !== revision) {
      throw new ProtocolError(
        'revision_conflict',
        row === undefined
          ? 'The goal was cleared in the meantime.'
          : `The goal has changed in the meantime: it has revision ${String(row.revision)}, you saw ${String(revision)}. Look at it and try again.`,
        { goal: row === undefined ? null : this.#view(row) },
      );
    }
    return row;
  }

  #limits(threadId: string): Limits {
    return this.#options.limits(this.#thread(threadId));
  }

  /** A new goal that names no verification commands gets those of its repository. */
  #withChecks(params: SetParams): SetParams {
    const verification = this.#options.verification(this.#thread(params.threadId));
    if (params.verification != null || verification.length === 0) return params;
    return { ...params, verification: [...verification] };
  }

  /** A cost budget that nobody can count against is none. */
  #assertPriced(threadId: string): void {
    const { model, priced } = this.#options.pricing(this.#thread(threadId));
    if (!priced) throw priceUnknownError(model);
  }

  /** The current goal of a thread. Throws thread_not_found; a thread that has a goal needs no second look. */
  #current(threadId: string): GoalRow | undefined {
    const row = this.#options.repositories.goals.current(threadId);
    if (row === undefined) this.#thread(threadId);
    return row;
  }

  #view(row: GoalRow): Goal {
    return this.#options.repositories.goals.view(row, toGoal);
  }

  #thread(threadId: string): ThreadRow {
    const row = this.#options.repositories.threads.find(threadId);
    if (row !== undefined) return row;
    throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
  }
}
