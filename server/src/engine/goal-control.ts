import { notifications, type Goal, type PlanStep } from '@goald/protocol';
import { askedKey } from '../goals/asked-key.js';
import { toGoal } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { sign } from '../goals/progress.js';
import { MODEL_ACTOR } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { Questions } from './approvals/questions.js';
import type { Question } from './approvals/turn-rest.js';
import type { Gate } from './gate/gate.js';
import { moveByRuntime, type RuntimeCause } from './goal-moves.js';
import type { Failpoints } from './ports/failpoints.js';
import type { GoalControl, GoalProposal } from './ports/tools.js';
import { proposeObjective } from './propose-objective.js';
import { raiseBlocker, type Blocking } from './raise-blocker.js';
import type { TurnStore } from './turn-store.js';

export interface GoalControlOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly gate: Gate;
  readonly questions: Questions;
  readonly failpoint: Failpoints;
}

interface Reply {
  readonly text: string;
  readonly success: boolean;
  readonly endsTurn: boolean;
}

/** A question that someone is there to answer. */
interface Asks {
  readonly asks: Question;
  readonly blocker: Blocking;
}

const isQuestion = (reply: Reply | Asks): reply is Asks => 'asks' in reply;

const refused = (text: string): Reply => ({ text, success: false, endsTurn: false });
const answered = (): Reply => ({
  text: 'The user has answered: read what they say, and go on with that.',
  success: true,
  endsTurn: false,
});
const ended = (text: string): Reply => ({ text, success: true, endsTurn: true });

/** The goal as the model may touch it in one turn: it proposes, the runtime decides. */
export class TurnGoalControl implements GoalControl {
  readonly #options: GoalControlOptions;
  readonly #turn: ActiveTurn;
  readonly #itemId: string;

  constructor(options: GoalControlOptions, turn: ActiveTurn, itemId: string) {
    this.#options = options;
    this.#turn = turn;
    this.#itemId = itemId;
  }

  goal(): Goal | null {
    const row = this.#options.store.repositories.goals.current(this.#turn.threadId);
    return row === undefined ? null : toGoal(row);
  }

  async propose(proposal: GoalProposal): Promise<Reply> {
    const row = this.#options.store.repositories.goals.current(this.#turn.threadId);
    if (row === undefined) return refused('This thread has no goal.');
    if (row.status !== 'active' || row.goal_id !== this.#turn.goalId) {
      return refused(
        `The goal is ${row.status}: this turn does not work on it, and only the user can resume it.`,
      );
    }
    if (proposal.status === 'complete' && proposal.blocker?.severity === 'blocking') {
      return refused(
        'Nothing was noted: a goal is either complete or blocked. Propose completion alone, or report the blocker alone.',
      );
    }
    const { store, gate, failpoint } = this.#options;
    const reply = store.write(this.#turn, (tx) => this.#take(tx, row, proposal));
    failpoint('goal.proposed');
    if (isQuestion(reply)) return this.#ask(reply, proposal);
    if (proposal.status !== 'complete') return reply;
    const fresh = store.repositories.goals.find(row.goal_id) ?? row;
    const verdict = await gate.run(this.#turn, fresh, proposal.evidence);
    return { text: verdict.text, success: verdict.passed, endsTurn: verdict.endsTurn };
  }

  updatePlan(steps: readonly PlanStep[], explanation: string | null): void {
    const { store } = this.#options;
    const { threadId, turnId, goalId } = this.#turn;
    store.write(this.#turn, (tx) => {
      store.repositories.notes.savePlan({
        thread_id: threadId,
        goal_id: goalId,
        turn_id: turnId,
        explanation,
        steps_json: JSON.stringify(steps),
        updated_at_ms: tx.nowMs,
      });
      tx.emit({
        type: 'plan.edited',
        threadId,
        goalId,
        turnId,
        data: { steps, explanation, origin: MODEL_ACTOR },
      });
      const audience = { to: 'thread', threadId } as const;
      tx.tell(
        outgoing(
          notifications.turnPlanUpdated,
          { threadId, turnId, explanation, plan: [...steps] },
          audience,
        ),
      );
      for (const { step, status } of steps) {
        if (status === 'completed') this.#sign(tx, sign.planStep(step));
      }
    });
  }

  /** Someone is there to answer: the turn waits for that, and goes on with it. */
  async #ask({ asks, blocker }: Asks, proposal: GoalProposal): Promise<Reply> {
    const { store, questions } = this.#options;
    const end = await questions.wait(this.#turn, asks);
    if (end === 'decided') return answered();
    return store.writeWhenPossible(this.#turn, (tx) => {
      const { goals, blockers } = store.repositories;
      const row = goals.find(this.#turn.goalId ?? '');
      if (row === undefined || blockers.find(asks.pending.requestId)?.resolved === 1) {
        return answered();
      }
      return this.#stop(tx, row, proposal, blocker);
    });
  }

  /** All of it but completion, which is for the gate, in one transaction: a goal never goes on with what stops it stored. */
  #take(tx: Tx, row: GoalRow, proposal: GoalProposal): Reply | Asks {
    const { status } = proposal;
    const said = this.#note(tx, row, proposal);
    const blocker = this.#asBlocker(proposal);
    if (blocker !== null) {
      const { blockers } = this.#options.store.repositories;
      const from = { turnId: this.#turn.turnId, itemId: this.#itemId };
      const raised = raiseBlocker(tx, blockers, row, from, blocker);
      if (raised.kind === 'answered') {
        return refused(
          `You asked this before, and the user answered: ${raised.answer}\nGo on with that. Asking the same again changes nothing; if the answer does not help, say why and ask something else.`,
        );
      }
      if (blocker.severity === 'blocking') {
        const asks = this.#options.questions.begin(tx, this.#turn, raised.blockerId);
        return asks === null ? this.#stop(tx, row, proposal, blocker) : { asks, blocker };
      }
      if (raised.kind === 'new') this.#sign(tx, sign.finding(askedKey(blocker.summary)));
      said.push(
        raised.kind === 'new'
          ? 'The finding is recorded; go on.'
          : 'That is recorded already; go on.',
      );
    }
    if (status === 'paused') return this.#pause(tx, row);
    if (status === 'blocked') {
      return refused(
        'Status blocked needs a blocker {summary, question?}: say what stands in the way.',
      );
    }
    return { text: said.join(' ') || 'Noted.', success: true, endsTurn: false };
  }

  /** Status blocked makes a finding what it says. */
  #asBlocker({ status, blocker }: GoalProposal): Blocking | null {
    if (blocker === undefined) return null;
    return status === 'blocked' ? { ...blocker, severity: 'blocking' } : blocker;
  }

  /** What is kept whatever the proposed status: progress and another objective. */
  #note(tx: Tx, row: GoalRow, proposal: GoalProposal): string[] {
    const { goals, store } = this.#options;
    const { turnId } = this.#turn;
    const said: string[] = [];
    if (proposal.progress !== undefined) {
      goals.note(
        tx,
        row,
        { progress_json: JSON.stringify(proposal.progress) },
        { type: 'goal.progress', turnId, data: { ...proposal.progress } },
      );
      said.push('Progress noted.');
    }
    if (proposal.proposedObjective !== undefined) {
      const { proposals } = store.repositories;
      said.push(proposeObjective(tx, proposals, row, turnId, proposal.proposedObjective));
    }
    return said;
  }

  #pause(tx: Tx, row: GoalRow): Reply {
    if (!this.#turn.carriesUserInput) {
      return refused(
        'Only the user pauses a goal: status paused works in a turn in which the user spoke.',
      );
    }
    const message = 'Paused by the agent, as the user asked.';
    this.#move(tx, row, 'needsPerson', { code: 'user', message });
    return ended('The goal is paused.');
  }

  /** Nothing goes on until a user answers or resumes. */
  #stop(tx: Tx, row: GoalRow, { status }: GoalProposal, blocker: Blocking): Reply {
    const cause = { message: blocker.summary, detail: blocker.question };
    if (status === 'paused' && blocker.question !== null) {
      this.#move(tx, row, 'needsPerson', { code: 'needsInput', ...cause });
      return ended('The goal is paused until a person answers.');
    }
    this.#move(tx, row, 'stopped', { code: 'blocker', ...cause });
    return ended('The goal is blocked; a person will see why.');
  }

  #move(
    tx: Tx,
    row: GoalRow,
    trigger: 'needsPerson' | 'stopped',
    cause: Pick<RuntimeCause, 'code' | 'message' | 'detail'>,
  ): void {
    const { store, goals } = this.#options;
    const fresh = store.repositories.goals.find(row.goal_id) ?? row;
    const { turnId } = this.#turn;
    moveByRuntime(goals, tx, fresh, trigger, { ...cause, turnId, actor: MODEL_ACTOR });
  }

  #sign(tx: Tx, name: string): void {
    const { goalId, turnId } = this.#turn;
    if (goalId === null) return;
    if (this.#options.store.repositories.notes.addSign(goalId, name, turnId, tx.nowMs)) {
      this.#turn.markProgress();
    }
  }
}
