import { confinementsOver } from '../../../helpers/confinement.js';
import { configSchema, notifications, requests, type Goal } from '@goald/protocol';
import { StorePatience } from '@goald/server/engine/store-patience.js';
import { SystemClock } from '@goald/server/engine/system-clock.js';
import { TurnClaim } from '@goald/server/engine/turn-claim.js';
import { TurnStore } from '@goald/server/engine/turn-store.js';
import { ThreadHistories } from '@goald/server/engine/thread-histories.js';
import { estimatedCharge, measuredCharge, type Charge } from '@goald/server/goals/accounting.js';
import { charge, codeOf, runtime, settle } from './goal-in.js';
import type { Step } from './goal-steps.js';
import { byUser, type World } from './world.js';

type UserStep = Extract<Step, { faults: unknown }>;
type ChargeStep = Extract<Step, { kind: 'charge' }>;

/** Does to a real thread what the steps say, and what the scheduler does in between. */
export class GoalDriver {
  /** Ids of every goal the thread ever had, oldest first. */
  readonly goalIds: string[] = [];
  readonly #world: World;
  readonly #threadId: string;
  readonly #claim: TurnClaim;
  #keys = 0;

  constructor(world: World, threadId: string) {
    this.#world = world;
    this.#threadId = threadId;
    const { repositories, store, writer } = world;
    const config = configSchema.parse({});
    const patience = new StorePatience({
      store,
      goals: repositories.goals,
      clock: new SystemClock(),
      config: () => config,
    });
    const histories = new ThreadHistories(repositories.items, repositories.compactions);
    const turns = new TurnStore(store, repositories, histories, patience);
    this.#claim = new TurnClaim({
      repositories,
      store: turns,
      goals: writer,
      config: () => config,
      confinements: confinementsOver(repositories),
      clock: new SystemClock(),
    });
  }

  get goal(): Goal | null {
    return this.#world.goals.get(this.#threadId);
  }

  /** Answers the error code, or null when the step went through. */
  apply(step: Exclude<Step, { kind: 'charge' | 'endTurn' }>): string | null {
    switch (step.kind) {
      case 'runtime':
        runtime(this.#world, this.#threadId, step.trigger, {
          pauseOnRestart: step.pauseOnRestart,
        });
        return null;
      case 'act':
        this.#world.store.write((tx) =>
          this.#world.goals.triggerByUser(tx, this.#threadId, step.act, byUser().actor),
        );
        return null;
      case 'set':
      case 'pause':
      case 'resume':
      case 'clear': {
        const send = this.#request(step);
        const code = codeOf(send);
        if (code === null) this.#notice();
        if (step.twice && code === null) this.#repeat(send);
        return code;
      }
    }
  }

  /** The goal a charge goes to, counted back from the newest, and what it is charged. */
  charge(step: ChargeStep): { number: number; charge: Charge } | null {
    const number = this.goalIds.length - 1 - step.back;
    const goalId = this.goalIds[number];
    if (goalId === undefined) return null;
    const amount = step.estimated
      ? estimatedCharge(step.usage.input, step.usage.output)
      : measuredCharge(step.usage);
    const options = { charge: amount, workMs: step.workMs };
    const requestId = charge(this.#world, { goalId, threadId: this.#threadId }, options);
    if (step.twice) settle(this.#world, requestId, options);
    return { number, charge: amount };
  }

  endTurn(): void {
    const { repositories, store } = this.#world;
    const turn = repositories.turns.inProgress(this.#threadId);
    if (turn === undefined) return;
    store.write((tx) => {
      repositories.turns.update(turn.id, { status: 'completed', completed_at_ms: tx.nowMs });
    });
  }

  schedule(): void {
    if (this.goal?.status !== 'active') {
      this.endTurn();
      return;
    }
    this.#world.store.write((tx) => this.#claim.claimForGoal(tx, this.#threadId));
  }

  #request(step: UserStep): () => unknown {
    const { goals } = this.#world;
    const { revision } = this.goal ?? { revision: null };
    this.#keys += 1;
    const common = {
      threadId: this.#threadId,
      origin: step.faults.automatic ? ('automatic' as const) : ('user' as const),
      expectedRevision: step.faults.staleRevision && revision !== null ? revision - 1 : revision,
    };
    const context = byUser({
      method: requests.threadGoalSet.method,
      idempotencyKey: step.twice ? `${this.#threadId}-${this.#keys}` : null,
    });
    switch (step.kind) {
      case 'pause':
        return () => goals.pause(common, context);
      case 'clear':
        return () => goals.clear(common, context);
      case 'resume': {
        const { addTokens, addSeconds, addTurns } = step;
        return () => goals.resume({ ...common, addTokens, addSeconds, addTurns }, context);
      }
      case 'set': {
        const { objective, status, tokenBudget, timeBudgetSeconds, maxTurns } = step;
        const budgets = {
          tokenBudget,
          timeBudgetSeconds,
          maxTurns: step.badBudget ? 0.5 : maxTurns,
        };
        return () => goals.set({ ...common, objective, status, ...budgets }, context);
      }
    }
  }

  #repeat(send: () => unknown): void {
    const seq = this.#world.store.headSeq;
    const goal = JSON.stringify(this.goal);
    send();
    if (this.#world.store.headSeq !== seq || JSON.stringify(this.goal) !== goal) {
      throw new Error('A repeat with the same key did something.');
    }
  }

  #notice(): void {
    const { goal } = this;
    if (goal !== null && this.goalIds.at(-1) !== goal.goalId) this.goalIds.push(goal.goalId);
  }
}

/** Methods of the notifications that tell of a goal. */
export const GOAL_NOTIFICATIONS: readonly string[] = [
  notifications.threadGoalUpdated.method,
  notifications.threadGoalCleared.method,
];
