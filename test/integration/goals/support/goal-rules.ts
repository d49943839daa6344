import type { GoalStatus, Usage } from '@goald/protocol';
import type { RuntimeStep, SetStep, Step } from './goal-steps.js';

/** A goal as the rules of the design see it. */
export interface ModelGoal {
  readonly number: number;
  objective: string;
  status: GoalStatus;
  tokenBudget: number | null;
  ceiling: number;
  timeBudgetSeconds: number;
  maxTurns: number;
  tokensUsed: number;
  usage: Usage;
  timeUsedMs: number;
  turnsUsed: number;
  verified: boolean;
}

/** What a step must answer: it goes through, or fails with one of these codes. */
export type Expected = 'done' | readonly string[];

export interface ModelLimits {
  readonly tokenCeiling: number;
  readonly timeBudgetSeconds: number;
  readonly maxTurns: number;
}

/** The rules of goals, written from the design: a second opinion on what the daemon does. */
export class GoalRules {
  goal: ModelGoal | null = null;
  /** Every goal there ever was, the current one among them. */
  readonly all: ModelGoal[] = [];
  turnRuns = false;
  readonly #limits: ModelLimits;

  constructor(limits: ModelLimits) {
    this.#limits = limits;
  }

  /** Applies a user's or the runtime's step. Nothing changes where it is refused. */
  apply(step: Exclude<Step, { kind: 'charge' | 'endTurn' }>): Expected {
    if (step.kind === 'runtime') return this.#byRuntime(step);
    if ('faults' in step) {
      const faults: readonly string[] = [
        ...(step.faults.automatic && step.kind !== 'pause' && step.kind !== 'clear'
          ? ['policy_refused']
          : []),
        ...(step.faults.staleRevision && this.goal !== null ? ['revision_conflict'] : []),
        ...(step.kind === 'set' && step.objective?.trim() === '' ? ['objective_empty'] : []),
        ...(step.kind === 'set' && step.badBudget ? ['budget_not_positive'] : []),
      ];
      if (faults.length > 0) return [...faults, 'invalid_transition', 'budget_exhausted'];
    }
    switch (step.kind) {
      case 'set':
        return this.#set(step);
      case 'pause':
        return this.#pause();
      case 'resume':
        if (this.goal === null) return ['invalid_transition'];
        return this.#activate(this.#added(this.goal, step));
      case 'clear':
        this.goal = null;
        return 'done';
      case 'act':
        if (step.act === 'delete') this.goal = null;
        else if (this.goal?.status === 'active') this.goal.status = 'paused';
        return 'done';
    }
  }

  /** What the scheduler does after each step: a turn runs exactly while the goal is active and has budget. */
  schedule(): void {
    const { goal } = this;
    if (goal?.status !== 'active') {
      this.turnRuns = false;
      return;
    }
    if (this.turnRuns) return;
    if (outOfWork(goal) || goal.turnsUsed >= goal.maxTurns) {
      goal.status = 'budgetLimited';
      return;
    }
    goal.turnsUsed += 1;
    this.turnRuns = true;
  }

  /** A charge always lands, on whichever goal made the request. */
  charge(goal: ModelGoal, charged: { tokens: number; usage: Usage; workMs: number }): void {
    goal.tokensUsed += charged.tokens;
    goal.timeUsedMs += charged.workMs;
    const { usage } = goal;
    goal.usage = {
      input: usage.input + charged.usage.input,
      cachedInput: usage.cachedInput + charged.usage.cachedInput,
      output: usage.output + charged.usage.output,
      reasoning: usage.reasoning + charged.usage.reasoning,
    };
    if (goal === this.goal && goal.status === 'active' && outOfWork(goal)) {
      goal.status = 'budgetLimited';
    }
  }

  #set(step: SetStep): Expected {
    const { goal } = this;
    const { status, objective } = step;
    if (status === 'blocked' || status === 'usageLimited' || status === 'budgetLimited') {
      return ['invalid_transition'];
    }
    if (objective !== null && (goal === null || goal.status === 'complete')) {
      if (status === 'complete') return ['invalid_transition'];
      this.#create(step, objective, status === 'paused' ? 'paused' : 'active');
      return 'done';
    }
    if (goal === null) return ['invalid_transition'];
    const changed = withBudgets(goal, step);
    if (objective !== null) changed.objective = objective.trim();
    if (status === 'active') return this.#activate(changed, step);
    if (status === 'complete') {
      if (goal.status !== 'complete') changed.verified = false;
      changed.status = 'complete';
    } else if (status === 'paused') {
      if (goal.status === 'complete') return ['invalid_transition'];
      changed.status = 'paused';
    } else if (goal.status === 'active' && reaches(changed, step)) {
      changed.status = 'budgetLimited';
    }
    this.#replace(changed);
    return 'done';
  }

  #activate(changed: ModelGoal, step: Partial<SetStep> = {}): Expected {
    if (changed.status === 'budgetLimited' && isSpent(changed)) return ['budget_exhausted'];
    if (changed.status !== 'active') {
      changed.status = 'active';
      changed.verified = false;
    } else if (reaches(changed, step)) {
      changed.status = 'budgetLimited';
    }
    this.#replace(changed);
    return 'done';
  }

  #pause(): Expected {
    const { goal } = this;
    if (goal === null || goal.status === 'complete') return ['invalid_transition'];
    goal.status = 'paused';
    return 'done';
  }

  #byRuntime(step: RuntimeStep): Expected {
    const { goal } = this;
    if (goal === null) return 'done';
    if (step.trigger === 'quotaReset') {
      if (goal.status === 'usageLimited') goal.status = 'active';
      return 'done';
    }
    if (goal.status !== 'active') return 'done';
    switch (step.trigger) {
      case 'budgetReached':
        goal.status = 'budgetLimited';
        break;
      case 'quotaError':
        goal.status = 'usageLimited';
        break;
      case 'stopped':
        goal.status = 'blocked';
        break;
      case 'needsPerson':
        goal.status = 'paused';
        break;
      case 'gatePassed':
        goal.status = 'complete';
        goal.verified = true;
        break;
      case 'daemonStopped':
        if (step.pauseOnRestart) goal.status = 'paused';
        break;
    }
    return 'done';
  }

  #create(step: SetStep, objective: string, status: 'active' | 'paused'): void {
    const base: ModelGoal = {
      number: this.all.length,
      objective: objective.trim(),
      status,
      tokenBudget: null,
      ceiling: this.#limits.tokenCeiling,
      timeBudgetSeconds: this.#limits.timeBudgetSeconds,
      maxTurns: this.#limits.maxTurns,
      tokensUsed: 0,
      usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
      timeUsedMs: 0,
      turnsUsed: 0,
      verified: false,
    };
    const goal = withBudgets(base, step);
    this.all.push(goal);
    this.goal = goal;
  }

  #added(goal: ModelGoal, step: Extract<Step, { kind: 'resume' }>): ModelGoal {
    const tokenBudget = goal.tokenBudget === null ? null : goal.tokenBudget + (step.addTokens ?? 0);
    const ceiling =
      tokenBudget === null
        ? goal.ceiling + (step.addTokens ?? 0)
        : Math.max(goal.ceiling, tokenBudget);
    return {
      ...goal,
      tokenBudget,
      ceiling,
      timeBudgetSeconds: goal.timeBudgetSeconds + (step.addSeconds ?? 0),
      maxTurns: goal.maxTurns + (step.addTurns ?? 0),
    };
  }

  #replace(changed: ModelGoal): void {
    this.all[changed.number] = changed;
    this.goal = changed;
  }
}

function withBudgets(goal: ModelGoal, step: SetStep): ModelGoal {
  const { tokenBudget } = step;
  return {
    ...goal,
    tokenBudget: tokenBudget === undefined ? goal.tokenBudget : tokenBudget,
    ceiling: Math.max(goal.ceiling, tokenBudget ?? 0),
    timeBudgetSeconds: step.timeBudgetSeconds ?? goal.timeBudgetSeconds,
    maxTurns: step.maxTurns ?? goal.maxTurns,
  };
}

function isSpentIn(goal: ModelGoal): Record<'tokens' | 'time' | 'turns', boolean> {
  return {
    tokens: goal.tokensUsed >= (goal.tokenBudget ?? goal.ceiling),
    time: goal.timeUsedMs >= goal.timeBudgetSeconds * 1000,
    turns: goal.turnsUsed >= goal.maxTurns,
  };
}

/** Used up in a way that stops a running turn: the last turn allowed may end. */
function outOfWork(goal: ModelGoal): boolean {
  const spent = isSpentIn(goal);
  return spent.tokens || spent.time;
}

function isSpent(goal: ModelGoal): boolean {
  return outOfWork(goal) || isSpentIn(goal).turns;
}

/** A budget that this very step sets is used up already. */
function reaches(goal: ModelGoal, step: Partial<SetStep>): boolean {
  const spent = isSpentIn(goal);
  return (
    (step.tokenBudget !== undefined && spent.tokens) ||
    (step.timeBudgetSeconds !== undefined && spent.time) ||
    (step.maxTurns !== undefined && spent.turns)
  );
}
