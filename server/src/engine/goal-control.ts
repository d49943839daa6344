import { notifications, type Goal, type PlanStep } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { toGoal } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { sign } from '../goals/progress.js';
import { MODEL_ACTOR } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { Gate } from './gate.js';
import { moveByRuntime } from './goal-moves.js';
import type { GoalControl, GoalProposal } from './ports/tools.js';
import type { TurnStore } from './turn-store.js';

export interface GoalControlOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly gate: Gate;
}

interface Reply {
  readonly text: string;
  readonly success: boolean;
  readonly endsTurn: boolean;
}

const refused = (text: string): Reply => ({ text, success: false, endsTurn: false });
const ended = (text: string): Reply => ({ text, success: true, endsTurn: true });

/** The goal as the model may touch it in one turn: it proposes, the runtime decides. */
export class TurnGoalControl implements GoalControl {
  readonly #options: GoalControlOptions;
  readonly #turn: ActiveTurn;

  constructor(options: GoalControlOptions, turn: ActiveTurn) {
    this.#options = options;
    this.#turn = turn;
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
    const said = this.#options.store.write(this.#turn, (tx) => this.#note(tx, row, proposal));
    switch (proposal.status) {
      case 'complete': {
        const fresh = this.#options.store.repositories.goals.find(row.goal_id) ?? row;
        const verdict = await this.#options.gate.run(this.#turn, fresh, proposal.evidence);
        return { text: verdict.text, success: verdict.passed, endsTurn: verdict.passed };
      }
      case 'paused':
        return this.#pause(row);
      case 'blocked':
      case undefined:
        return proposal.status === 'blocked' || proposal.blocker?.severity === 'blocking'
          ? this.#block(row, proposal)
          : { text: said.join(' ') || 'Noted.', success: true, endsTurn: false };
    }
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

  /** What is kept whatever the proposed status: progress, findings, another objective. */
  #note(tx: Tx, row: GoalRow, proposal: GoalProposal): string[] {
    const { goals, store } = this.#options;
    const { threadId, turnId } = this.#turn;
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
    if (proposal.blocker !== undefined) {
      const { summary, question, severity } = proposal.blocker;
      const blockerId = uuid();
      store.repositories.notes.addBlocker({
        id: blockerId,
        goal_id: row.goal_id,
        thread_id: threadId,
        turn_id: turnId,
        summary,
        question,
        severity,
        resolved: 0,
        raised_at_ms: tx.nowMs,
      });
      this.#emit(tx, row, 'blocker.raised', { blockerId, summary, question, severity });
      if (severity === 'finding') {
        this.#sign(tx, sign.finding(summary));
        said.push('The finding is recorded; go on.');
      }
    }
    if (proposal.proposedObjective !== undefined) {
      const proposalId = uuid();
      store.repositories.notes.addProposal({
        id: proposalId,
        goal_id: row.goal_id,
        thread_id: threadId,
        turn_id: turnId,
        objective: proposal.proposedObjective,
        decision: 'pending',
        made_at_ms: tx.nowMs,
      });
      this.#emit(tx, row, 'proposal.made', { proposalId, objective: proposal.proposedObjective });
      said.push(
        'The proposed objective waits for the user; until then the objective stays as it is.',
      );
    }
    return said;
  }

  #pause(row: GoalRow): Reply {
    if (!this.#turn.carriesUserInput) {
      return refused(
        'Only the user pauses a goal: status paused works in a turn in which the user spoke.',
      );
    }
    this.#move(row, 'needsPerson', {
      code: 'user',
      message: 'Paused by the agent, as the user asked.',
    });
    return ended('The goal is paused.');
  }

  #block(row: GoalRow, proposal: GoalProposal): Reply {
    const { blocker } = proposal;
    if (blocker === undefined) {
      return refused(
        'Status blocked needs a blocker {summary, question?}: say what stands in the way.',
      );
    }
    this.#move(row, 'stopped', {
      code: 'blocker',
      message: blocker.summary,
      detail: blocker.question,
    });
    return ended('The goal is blocked; a person will see why.');
  }

  #move(
    row: GoalRow,
    trigger: 'needsPerson' | 'stopped',
    cause: { code: 'user' | 'blocker'; message: string; detail?: string | null },
  ): void {
    const { store, goals } = this.#options;
    store.write(this.#turn, (tx) => {
      const fresh = store.repositories.goals.find(row.goal_id) ?? row;
      moveByRuntime(goals, tx, fresh, trigger, {
        ...cause,
        turnId: this.#turn.turnId,
        actor: MODEL_ACTOR,
      });
    });
  }

  #sign(tx: Tx, name: string): void {
    const { goalId, turnId } = this.#turn;
    if (goalId === null) return;
    if (this.#options.store.repositories.notes.addSign(goalId, name, turnId, tx.nowMs)) {
      this.#turn.markProgress();
    }
  }

  #emit(
    tx: Tx,
    row: GoalRow,
    type: 'blocker.raised' | 'proposal.made',
    data: Record<string, unknown>,
  ): void {
    const { threadId, turnId } = this.#turn;
    const revision = row.revision;
    tx.emit({
      type,
      threadId,
      goalId: row.goal_id,
      turnId,
      revision,
      data: { ...data, origin: MODEL_ACTOR },
    });
  }
}
