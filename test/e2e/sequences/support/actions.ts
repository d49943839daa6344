import fc from 'fast-check';

/** What the model does with a request. */
export const MODEL_MOVES = [
  'step',
  'talk',
  'claim',
  'block',
  'process',
  'hold',
  'serverError',
  'rateLimit',
  'quota',
  'cut',
] as const;
export type ModelMove = (typeof MODEL_MOVES)[number];

/** Places at which a daemon is killed. */
const PLACES = [
  'request.beforeIntent',
  'request.afterIntent',
  'request.beforeCharge',
  'tool.started',
  'tool.beforeOutput',
  'tool.afterOutput',
  'gate.started',
  'gate.beforeDecision',
  'turn.processesDead',
  'turn.beforeEnd',
  'turn.afterEnd',
] as const;

/** One thing that a user, a client, the clock, the model or fate does. */
export type Action =
  | { readonly kind: 'set'; readonly tokenBudget: number | null; readonly verified: boolean }
  | { readonly kind: 'edit' }
  | { readonly kind: 'pause'; readonly automatic: boolean }
  | { readonly kind: 'resume'; readonly addTokens: number | null }
  | { readonly kind: 'clear' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'answer' }
  /** The model lets go of what it holds back. */
  | { readonly kind: 'release' }
  /** A client loses its connection and comes back with its cursor. */
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'crashAt'; readonly place: string }
  | { readonly kind: 'restart' };

export interface Sequence {
  readonly moves: readonly ModelMove[];
  /** `settles`: the daemon comes to rest before the next action. */
  readonly actions: readonly { readonly action: Action; readonly settles: boolean }[];
}

const maybe = (value: fc.Arbitrary<number>): fc.Arbitrary<number | null> =>
  fc.option(value, { freq: 2 });
const plain = (
  kind: 'edit' | 'clear' | 'complete' | 'interrupt' | 'answer' | 'release' | 'reconnect',
): fc.Arbitrary<Action> => fc.constant({ kind });

const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      tokenBudget: maybe(fc.constantFrom(1000, 5000, 20_000)),
      verified: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: plain('edit') },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pause' as const), automatic: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      addTokens: maybe(fc.constantFrom(2000, 10_000)),
    }),
  },
  { weight: 1, arbitrary: plain('clear') },
  { weight: 1, arbitrary: plain('complete') },
  { weight: 2, arbitrary: plain('interrupt') },
  { weight: 2, arbitrary: plain('answer') },
  { weight: 3, arbitrary: plain('release') },
  { weight: 2, arbitrary: plain('reconnect') },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      ms: fc.constantFrom(1, 1500, 10_000, 60_000, 3_600_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'crash' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('crashAt' as const),
      place: fc.constantFrom(...PLACES),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'restart' }) },
);

/** Begins with a goal, so that there is something for the rest to happen to. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  moves: fc.array(fc.constantFrom(...MODEL_MOVES), { maxLength: 12 }),
  actions: fc
    .array(fc.record({ action, settles: fc.boolean() }), { minLength: 1, maxLength: 8 })
    .map((actions) => [
      { action: { kind: 'set' as const, tokenBudget: null, verified: true }, settles: false },
      ...actions,
    ]),
});
