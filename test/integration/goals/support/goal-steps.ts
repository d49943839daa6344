import { GOAL_STATUSES, type GoalStatus, type Usage } from '@goald/protocol';
import type { RuntimeTrigger } from '@goald/server/engine/goal-moves.js';
import fc from 'fast-check';

/** What can be wrong with a user's request, beside its content. */
export interface Faults {
  readonly automatic: boolean;
  readonly staleRevision: boolean;
}

interface UserStep {
  readonly faults: Faults;
  /** Sent a second time with the same key. */
  readonly twice: boolean;
}

export interface SetStep extends UserStep {
  readonly kind: 'set';
  readonly objective: string | null;
  readonly status: GoalStatus | null;
  /** undefined keeps, null removes */
  readonly tokenBudget: number | null | undefined;
  readonly timeBudgetSeconds: number | undefined;
  readonly maxTurns: number | undefined;
  /** A budget of 0, below it or with a fraction is sent as well. */
  readonly badBudget: boolean;
}

export interface RuntimeStep {
  readonly kind: 'runtime';
  readonly trigger: RuntimeTrigger;
  readonly pauseOnRestart: boolean;
}

export type Step =
  | SetStep
  | (UserStep & { readonly kind: 'pause' | 'clear' })
  | (UserStep & {
      readonly kind: 'resume';
      readonly addTokens: number | undefined;
      readonly addSeconds: number | undefined;
      readonly addTurns: number | undefined;
    })
  | { readonly kind: 'act'; readonly act: 'interrupt' | 'archive' | 'delete' }
  | RuntimeStep
  | {
      readonly kind: 'charge';
      /** How many goals back: 0 is the newest there was. */
      readonly back: number;
      readonly usage: Usage;
      /** The provider gave no figures. */
      readonly estimated: boolean;
      readonly workMs: number;
      readonly twice: boolean;
    }
  | { readonly kind: 'endTurn' };

const RUNTIME_TRIGGERS = [
  'budgetReached',
  'quotaError',
  'quotaReset',
  'stopped',
  'needsPerson',
  'gatePassed',
  'daemonStopped',
] as const satisfies readonly RuntimeTrigger[];

const rarely = fc.nat({ max: 11 }).map((n) => n === 0);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const user = {
  faults: fc.record({ automatic: rarely, staleRevision: rarely }),
  twice: fc.boolean(),
};

const set: fc.Arbitrary<SetStep> = fc
  .record({
    ...user,
    objective: fc.option(fc.constantFrom('a', ' b ', 'c d', '   '), { freq: 2 }),
    status: fc.option(fc.constantFrom(...GOAL_STATUSES), { freq: 1 }),
    tokenBudget: maybe(fc.option(fc.integer({ min: 1, max: 8_000 }))),
    timeBudgetSeconds: maybe(fc.integer({ min: 1, max: 120 })),
    maxTurns: maybe(fc.integer({ min: 1, max: 8 })),
    badBudget: rarely,
  })
  .map((step) => ({ kind: 'set', ...step }));

/** The plainest request of all, so that there is a goal for the rest to happen to. */
const setObjective: fc.Arbitrary<SetStep> = fc.constantFrom('x', 'y').map((objective) => ({
  kind: 'set',
  objective,
  status: null,
  tokenBudget: undefined,
  timeBudgetSeconds: undefined,
  maxTurns: undefined,
  badBudget: false,
  faults: { automatic: false, staleRevision: false },
  twice: false,
}));

const usage: fc.Arbitrary<Usage> = fc
  .record({
    input: fc.nat({ max: 2_000 }),
    cached: fc.nat({ max: 100 }),
    output: fc.nat({ max: 1_500 }),
    thought: fc.nat({ max: 100 }),
  })
  .map(({ input, cached, output, thought }) => ({
    input,
    cachedInput: Math.floor((input * cached) / 100),
    output,
    reasoning: Math.floor((output * thought) / 100),
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: setObjective, weight: 3 },
  { arbitrary: set, weight: 6 },
  { arbitrary: fc.record({ kind: fc.constant('pause'), ...user }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('clear'), ...user }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant('resume'),
      ...user,
      addTokens: maybe(fc.integer({ min: 1, max: 3_000 })),
      addSeconds: maybe(fc.integer({ min: 1, max: 60 })),
      addTurns: maybe(fc.integer({ min: 1, max: 3 })),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('act'),
      act: fc.constantFrom('interrupt', 'archive', 'delete'),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('runtime'),
      trigger: fc.constantFrom(...RUNTIME_TRIGGERS),
      pauseOnRestart: fc.boolean(),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('charge'),
      back: fc.constantFrom(0, 0, 0, 1, 2),
      usage,
      estimated: fc.boolean(),
      workMs: fc.nat({ max: 20_000 }),
      twice: fc.boolean(),
    }),
    weight: 5,
  },
  { arbitrary: fc.constant({ kind: 'endTurn' } as const), weight: 2 },
);

/** Up to 30 things that happen to the goals of one thread, one after another. */
export const steps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 30 });
