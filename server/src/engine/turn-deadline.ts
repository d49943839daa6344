import type { GoalRepository } from '../store/repositories/goals.js';
import type { ActiveTurn } from './active-turn.js';
import type { Clock } from './ports/clock.js';

const RESTING_LOOK_MS = 1000;

/** Stops a turn in its middle when its goal's time is used up. Pauses of the turn move the moment away; it looks again. */
export class TurnDeadline implements Disposable {
  readonly #turn: ActiveTurn;
  readonly #goals: GoalRepository;
  readonly #clock: Clock;
  #timer: Disposable | null = null;

  constructor(turn: ActiveTurn, goals: GoalRepository, clock: Clock) {
    this.#turn = turn;
    this.#goals = goals;
    this.#clock = clock;
    this.look();
  }

  /** Arms the timer by what the goal says now. */
  look(): void {
    this[Symbol.dispose]();
    const { goalId } = this.#turn;
    const goal = goalId === null ? undefined : this.#goals.find(goalId);
    if (goal === undefined) return;
    const pending = this.#turn.pendingWorkMs();
    const leftMs = goal.time_budget_seconds * 1000 - goal.time_used_ms - pending;
    if (leftMs <= 0) {
      this.#turn.stop('timeBudget');
      return;
    }
    // While the turn waits for someone, the moment moves away with the clock.
    const soonestMs = this.#turn.resting ? RESTING_LOOK_MS : 0;
    this.#timer = this.#clock.schedule(this.#clock.now() + Math.max(leftMs, soonestMs), () => {
      this.look();
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
  }
}
