/** Whose value it is. `baseline` is what a metric names it: bare Node, or the same with fewer goals. */
export const SIDES = ['goald', 'reference', 'baseline'] as const;
export type Side = (typeof SIDES)[number];

export type Unit = 'ms' | 'perSecond' | 'bytes' | 'times';

/** What a metric shall reach. */
export type Target =
  /** Better than the reference by this factor or more. */
  | { readonly kind: 'timesBetter'; readonly atLeast: number }
  /** At most this share of the other's value. */
  | { readonly kind: 'share'; readonly of: 'reference' | 'baseline'; readonly atMost: number }
  /** At most this much above the baseline, in the metric's unit. */
  | { readonly kind: 'above'; readonly atMost: number }
  /** The value itself is at most this. */
  | { readonly kind: 'atMost'; readonly value: number };

/** One line of the table. */
export interface Metric {
  /** Stable name, such as set.p50.tcp; samples are recorded under it. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** What the baseline is, when there is one. */
  readonly baseline?: string;
  readonly target?: Target;
  /** The cause, as far as it is known, told for as long as the target is missed. */
  readonly whyMissed?: string;
}

/** Whether a higher value is the better one. */
export function higherIsBetter(unit: Unit): boolean {
  return unit === 'perSecond';
}
