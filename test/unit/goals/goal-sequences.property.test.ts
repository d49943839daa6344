import { exhausted, type BudgetState } from '@goald/server/goals/budget.js';
import { estimatedCharge, measuredCharge } from '@goald/server/goals/accounting.js';
import {
  decide,
  GOAL_TRIGGERS,
  type GoalDecision,
  type GoalState,
  type GoalTrigger,
} from '@goald/server/goals/goal-state.js';
import { judgeTurn } from '@goald/server/goals/progress.js';
import { retryDelayMs } from '@goald/server/engine/retry-policy.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const RUNS = 10_000;
const RETRY = { baseMs: 1000, maxMs: 120_000, retryAfterMaxMs: 300_000 };
const IDLE = { delaysMs: [2000, 10_000], turns: 3 };

/** Who may do what, apart from the table: what the invariants say of it. */
const BY_USER: readonly GoalTrigger[] = [
  'setObjective',
  'setObjectiveActive',
  'activate',
  'answered',
];

type Step =
  | { readonly kind: 'trigger'; readonly trigger: GoalTrigger; readonly answers: boolean }
  | { readonly kind: 'raise'; readonly tokens: number }
  | {
      readonly kind: 'charge';
      readonly input: number;
      readonly output: number;
      readonly crashed: boolean;
    }
  | { readonly kind: 'turn'; readonly progressed: boolean }
  | { readonly kind: 'failure'; readonly retryAfterMs: number | null; readonly random: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('trigger' as const),
      trigger: fc.constantFrom(...GOAL_TRIGGERS),
      answers: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('raise' as const), tokens: fc.nat({ max: 3000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('charge' as const),
      input: fc.integer({ min: -10, max: 2000 }),
      output: fc.integer({ min: -10, max: 1500 }),
      crashed: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('turn' as const), progressed: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('failure' as const),
      retryAfterMs: fc.option(fc.nat({ max: 600_000 })),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
);

/** A goal in memory, driven by the pure parts of the runtime alone. */
class PureGoal {
  #state: GoalState = 'none';
  #verified = false;
  #budget = 5000;
  #used = 0;
  #turns = 0;
  #idle = 0;
  #failures = 0;
  /** A person stopped it, and no person has set it going since. */
  #stoppedByPerson = false;

  do(step: Step): void {
    switch (step.kind) {
      case 'trigger':
        this.#trigger(step.trigger, step.answers);
        break;
      case 'raise':
        this.#budget += step.tokens;
        this.#trigger('setBudget');
        break;
      case 'charge':
        this.#charge(step);
        break;
      case 'turn':
        this.#turn(step.progressed);
        break;
      case 'failure':
        this.#fail(step);
        break;
    }
    this.#hold();
  }

  get #budgets(): BudgetState {
    return {
      tokenBudget: this.#budget,
      tokenCeiling: 20_000,
      tokensUsed: this.#used,
      timeBudgetSeconds: 3600,
      timeUsedMs: 0,
      maxTurns: 12,
      turnsUsed: this.#turns,
      costBudgetNano: null,
      costNano: 0,
    };
  }

  #trigger(trigger: GoalTrigger, answersReason = false): void {
    const before = this.#state;
    const decision = decide(before, trigger, {
      headroom: exhausted(this.#budgets) === null,
      answersReason,
      pauseOnRestart: false,
    });
    this.#apply(decision);
    if (trigger === 'pause' || trigger === 'interrupt') {
      if (decision.kind === 'move') this.#stoppedByPerson = true;
    }
    if (this.#state === 'active' && before !== 'active') {
      if (this.#stoppedByPerson) expect(BY_USER).toContain(trigger);
      this.#stoppedByPerson = false;
      this.#idle = 0;
    }
    if (decision.kind === 'move' && decision.verified) expect(trigger).toBe('gatePassed');
    if (before === 'complete' && this.#state !== 'complete') {
      expect([
        'setObjective',
        'setObjectiveActive',
        'setObjectivePaused',
        'setObjectiveComplete',
        'activate',
        'clear',
        'delete',
      ]).toContain(trigger);
    }
  }

  #apply(decision: GoalDecision): void {
    if (decision.kind === 'move') {
      this.#state = decision.to;
      this.#verified = decision.verified;
    } else if (decision.kind === 'create') {
      this.#state = decision.status;
      this.#verified = false;
      this.#used = 0;
      this.#turns = 0;
      this.#idle = 0;
      this.#stoppedByPerson = false;
    } else if (decision.kind === 'remove') {
      this.#state = 'none';
      this.#verified = false;
    }
  }

  #charge({ input, output, crashed }: Extract<Step, { kind: 'charge' }>): void {
    if (this.#state === 'none') return;
    const usage = { input, cachedInput: input, output, reasoning: output + 1 };
    const charge = crashed ? estimatedCharge(input, output) : measuredCharge(usage);
    expect(charge.tokens).toBeGreaterThanOrEqual(0);
    expect(charge.usage.reasoning).toBeLessThanOrEqual(charge.usage.output);
    this.#used += charge.tokens;
    this.#spend();
  }

  /** As the claim does it: no turn at or over a budget. */
  #turn(progressed: boolean): void {
    if (this.#state !== 'active') return;
    this.#spend();
    if (exhausted(this.#budgets) !== null) return;
    this.#turns += 1;
    const verdict = judgeTurn({ progressed, idleTurnsBefore: this.#idle }, IDLE);
    this.#idle = verdict.idleTurns;
    expect(verdict.idleTurns).toBeLessThanOrEqual(IDLE.turns);
    if (verdict.kind === 'slow') expect(verdict.delayMs).toBeGreaterThan(0);
    if (verdict.kind === 'stop') this.#trigger('stopped');
  }

  #fail({ retryAfterMs, random }: Extract<Step, { kind: 'failure' }>): void {
    this.#failures += 1;
    const delayMs = retryDelayMs(RETRY, { attempt: this.#failures, retryAfterMs }, random);
    const asked = Math.min(retryAfterMs ?? 0, RETRY.retryAfterMaxMs);
    expect(delayMs).toBeGreaterThanOrEqual(asked);
    expect(delayMs).toBeLessThanOrEqual(Math.max(RETRY.maxMs, asked));
  }

  #spend(): void {
    if (exhausted(this.#budgets) !== null) this.#trigger('budgetReached');
  }

  #hold(): void {
    if (this.#verified) expect(this.#state).toBe('complete');
    // A reopened goal may be over a budget until its next claim, which never becomes a turn.
    expect(this.#turns).toBeLessThanOrEqual(this.#budgets.maxTurns);
    expect(this.#idle).toBeLessThanOrEqual(IDLE.turns);
  }
}

it('the pure rules hold whatever happens in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const goal = new PureGoal();
      for (const one of steps) goal.do(one);
    }),
    { numRuns: RUNS },
  );
});
