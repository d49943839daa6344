import {
  notifications,
  ProtocolError,
  textOf,
  type Config,
  type UserInput,
  wordsOf,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { warnOfBudgets } from '../goals/budget-warnings.js';
import { exhausted } from '../goals/budget.js';
import { budgetOf } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { closePendingOfThread, isAccepted } from '../goals/pending-approvals.js';
import { sign } from '../goals/progress.js';
import { RUNTIME_ACTOR, type Actor } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { ApprovalRow } from '../store/repositories/approvals.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { Tx } from '../store/store.js';
import { isPlanning } from '../threads/collaboration.js';
import { toTurn } from '../threads/thread-record.js';
import { ActiveTurn, type TurnTask } from './active-turn.js';
import type { Confinements } from './confinement/confinements.js';
import { moveByRuntime, reachBudget } from './goal-moves.js';
import { userMessageItem } from './item-view.js';
import type { Clock } from './ports/clock.js';
import type { HistoryEntry, ImagePart } from './ports/model.js';
import { RepeatGuard } from './repeat-guard.js';
import { TurnOpening } from './turn-opening.js';
import type { TurnStore } from './turn-store.js';

export interface SaidByUser {
  readonly content: UserInput[];
  /** Of the content, as the model gets them. */
  readonly images: readonly ImagePart[];
  readonly clientId: string | null;
  readonly actor: Actor;
}

export interface TurnClaimOptions {
  readonly repositories: Repositories;
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly confinements: Confinements;
  readonly config: () => Config;
  readonly clock: Clock;
}

/** What the thread goes on with: a cancel also means to stop. */
function isForTheModel(decision: ApprovalRow['decision']): boolean {
  return isAccepted(decision) || decision === 'decline';
}

/** The only place where a turn begins. Everything that must hold is checked in the transaction that inserts the turn. */
export class TurnClaim {
  readonly #options: TurnClaimOptions;
  readonly #opening: TurnOpening;

  constructor(options: TurnClaimOptions) {
    this.#options = options;
    this.#opening = new TurnOpening(options.store, options.goals);
  }

  /** The next turn of an active goal, or null when it must not start (now). */
  claimForGoal(tx: Tx, threadId: string): ActiveTurn | null {
    const { repositories, config } = this.#options;
    const goal = repositories.goals.current(threadId);
    if (goal?.status !== 'active' || !config().features.goals) return null;
    const thread = repositories.threads.find(threadId);
    if (thread?.archived !== 0) return null;
    if (repositories.turns.inProgress(threadId) !== undefined) return null;
    if (goal.wait_json !== null) return null;
    if (goal.next_action_at_ms !== null && goal.next_action_at_ms > tx.nowMs) return null;
    if (isPlanning(thread)) {
      this.#holdForPlanning(tx, goal);
      return null;
    }
    const mayRun = this.#isConfined(tx, goal) && this.#afterBudgets(tx, goal);
    return mayRun ? this.#insert(tx, threadId, goal, null) : null;
  }

  /** A turn in which a user speaks. It works on the goal when that is active, unless the thread plans. Throws when the thread cannot take it. */
  claimForUser(tx: Tx, threadId: string, said: SaidByUser): ActiveTurn {
    const { repositories, config } = this.#options;
    const thread = repositories.threads.find(threadId);
    if (thread?.archived === 1) {
      throw new ProtocolError('invalid_request', 'The thread is archived: unarchive it first.');
    }
    const goal = repositories.goals.current(threadId);
    const works =
      config().features.goals &&
      !isPlanning(thread) &&
      goal?.status === 'active' &&
      this.#isConfined(tx, goal) &&
      this.#afterBudgets(tx, goal);
    return this.#insert(tx, threadId, works ? goal : undefined, said);
  }

  /** A turn for one thing that a user asked of the runtime, beside any goal. Throws when the thread cannot take it. */
  claimForTask(tx: Tx, threadId: string, task: TurnTask, actor: Actor): ActiveTurn {
    const { repositories } = this.#options;
    if (repositories.threads.find(threadId)?.archived === 1) {
      throw new ProtocolError('invalid_request', 'The thread is archived: unarchive it first.');
    }
    return this.#insert(tx, threadId, undefined, null, { task, actor });
  }

  /** A turn for what a user said while the last one was ending; null when there is nothing to answer it with. */
  claimForUnseenInput(tx: Tx, threadId: string): ActiveTurn | null {
    const { repositories, config } = this.#options;
    const thread = repositories.threads.find(threadId);
    const goal = config().features.goals ? repositories.goals.current(threadId) : undefined;
    if (thread?.archived !== 0) return null;
    if (goal?.status === 'active' && !isPlanning(thread)) return null;
    if (repositories.turns.inProgress(threadId) !== undefined) return null;
    const turn = this.#insert(tx, threadId, undefined, null);
    turn.carriesUserInput = true;
    return turn;
  }

  /** A turn for what people decided about calls of a thread without a goal at work; null when there is nothing, or not now. */
  claimForApproved(tx: Tx, threadId: string): ActiveTurn | null {
    const { repositories, config } = this.#options;
    const isDue = repositories.approvals
      .unsettled(threadId)
      .some(({ goal_id: goalId, decision }) => goalId === null && isForTheModel(decision));
    const thread = repositories.threads.find(threadId);
    // A turn that plans runs nothing that was asked for by one that worked.
    if (!isDue || thread?.archived !== 0 || isPlanning(thread)) return null;
    const goal = config().features.goals ? repositories.goals.current(threadId) : undefined;
    if (goal?.status === 'active') return null;
    if (repositories.turns.inProgress(threadId) !== undefined) return null;
    return this.#insert(tx, threadId, undefined, null);
  }

  /** Adds what a user said to a turn, and tells the goal that it is news. */
  say(tx: Tx, turn: ActiveTurn, said: SaidByUser): void {
    const { store, repositories } = this.#options;
    const wire = userMessageItem(said.content, said.clientId);
    this.#endWait(tx, turn);
    const during = turn.requestInFlight;
    const entry: HistoryEntry = {
      kind: 'user',
      text: textOf(said.content),
      ...(said.images.length === 0 ? {} : { images: said.images }),
      ...(during === null ? {} : { duringResponseId: during }),
    };
    store.addItem(tx, turn, { wire, history: [entry], requestId: null, origin: said.actor });
    const thread = repositories.threads.find(turn.threadId);
    repositories.threads.update(turn.threadId, {
      updated_at_ms: tx.nowMs,
      ...(thread?.preview === '' ? { preview: wordsOf(said.content).slice(0, 500) } : {}),
    });
    if (turn.goalId !== null) {
      repositories.notes.addSign(turn.goalId, sign.userInput(wire.id), turn.turnId, tx.nowMs);
    }
    tx.onCommit(() => {
      turn.carriesUserInput = true;
      turn.hasUnseenInput = true;
      turn.markProgress();
    });
  }

  /** What users told the goal while none of its turns was there to hear it. Each is heard once, by the turn it is stored with. */
  deliver(tx: Tx, turn: ActiveTurn): void {
    if (turn.goalId === null) return;
    const { inputs } = this.#options.repositories;
    for (const { id, text, actor } of inputs.waiting(turn.goalId)) {
      this.say(tx, turn, {
        content: [{ type: 'text', text, text_elements: [] }],
        images: [],
        clientId: null,
        actor,
      });
      inputs.heard(id, turn.turnId);
    }
  }

  /** A user who speaks while the turn that asked for a wait still ends goes first. */
  #endWait(tx: Tx, turn: ActiveTurn): void {
    const { repositories, goals } = this.#options;
    const goal = turn.goalId === null ? undefined : repositories.goals.find(turn.goalId);
    if (goal?.wait_json == null) return;
    goals.tell(tx, this.#opening.open(tx, turn, goal), turn.turnId);
  }

  /** It rests, and shows why, until its thread is there for work again. */
  #holdForPlanning(tx: Tx, goal: GoalRow): void {
    if (goal.phase === 'planning') return;
    const event = { type: 'goal.phaseChanged', turnId: null, data: { phase: 'planning' } } as const;
    this.#options.goals.note(tx, goal, { phase: 'planning', next_action_at_ms: null }, event);
  }

  /** A goal whose sandbox cannot be enforced any more stops: it never runs freely instead. */
  #isConfined(tx: Tx, goal: GoalRow): boolean {
    const { repositories, goals, confinements } = this.#options;
    const thread = repositories.threads.find(goal.thread_id);
    const problem = thread === undefined ? null : confinements.problemOf(thread, goal);
    if (problem === null) return true;
    const cause = { code: 'policy', message: problem, turnId: null } as const;
    moveByRuntime(goals, tx, goal, 'stopped', cause);
    return false;
  }

  #afterBudgets(tx: Tx, goal: GoalRow): boolean {
    const spent = exhausted(budgetOf(goal));
    if (spent === null) return true;
    reachBudget(this.#options.goals, tx, goal, { reason: spent, turnId: null });
    return false;
  }

  #insert(
    tx: Tx,
    threadId: string,
    goal: GoalRow | undefined,
    said: SaidByUser | null,
    asked: { readonly task: TurnTask; readonly actor: Actor } | null = null,
  ): ActiveTurn {
    const { repositories, goals, config, clock } = this.#options;
    const thread = repositories.threads.find(threadId);
    if (thread === undefined) {
      throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
    }
    const fence = thread.fence + 1;
    // What a turn without a goal waited for, the thread has gone on without.
    closePendingOfThread(tx, repositories.approvals, threadId, said?.actor ?? RUNTIME_ACTOR);
    const row = {
      id: uuid(),
      guard_json: null,
      thread_id: threadId,
      goal_id: goal?.goal_id ?? null,
      fence,
      ordinal: repositories.turns.nextOrdinal(threadId),
      origin: said === null && asked === null ? ('goal' as const) : ('user' as const),
      status: 'inProgress' as const,
      error_json: null,
      started_at_ms: tx.nowMs,
      completed_at_ms: null,
      work_ms: 0,
    };
    repositories.turns.insert(row);
    repositories.threads.update(threadId, {
      fence,
      updated_at_ms: tx.nowMs,
      ...(thread.preview === '' && goal !== undefined
        ? { preview: goal.objective.slice(0, 500) }
        : {}),
    });
    const { repeatNotice: notice, repeatStop: stop } = config().engine;
    const turn = new ActiveTurn(row, {
      cwd: thread.cwd,
      carriesUserInput: false,
      task: asked?.task ?? { kind: 'work' },
      plans: goal === undefined && isPlanning(thread),
      repeats: new RepeatGuard({ notice, stop }),
      uptime: () => clock.uptime(),
    });
    this.#tellStarted(tx, turn, goal, said?.actor ?? asked?.actor ?? null);
    if (goal !== undefined) {
      const opened = this.#opening.open(tx, turn, goal);
      const claimed = goals.note(
        tx,
        opened,
        { turns_used: opened.turns_used + 1, phase: 'acting', next_action_at_ms: null },
        { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'acting' } },
      );
      warnOfBudgets(goals, tx, claimed, turn.turnId);
    }
    this.deliver(tx, turn);
    if (said !== null) this.say(tx, turn, said);
    return turn;
  }

  #tellStarted(tx: Tx, turn: ActiveTurn, goal: GoalRow | undefined, actor: Actor | null): void {
    const { threadId, turnId } = turn;
    const row = this.#options.repositories.turns.find(turnId);
    if (row === undefined) throw new Error(`Turn ${turnId} is gone.`);
    tx.emit({
      type: 'turn.started',
      threadId,
      goalId: goal?.goal_id ?? null,
      turnId,
      revision: goal?.revision ?? null,
      data: { fence: turn.fence, ordinal: row.ordinal, origin: actor ?? { kind: 'runtime' } },
    });
    tx.tell(
      outgoing(
        notifications.threadStatusChanged,
        { threadId, status: { type: 'active', activeFlags: [] } },
        { to: 'all' },
      ),
    );
    tx.tell(
      outgoing(
        notifications.turnStarted,
        { threadId, turn: toTurn(row, [], 'notLoaded') },
        { to: 'thread', threadId },
      ),
    );
  }
}
