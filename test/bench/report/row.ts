import { higherIsBetter, SIDES, type Metric, type Side, type Target } from '../metric.js';
import type { MeasuredMetric } from '../results.js';
import { median } from '../support/stats.js';
import { humanFactor, humanValue } from './units.js';

export type Verdict = 'met' | 'missed' | 'unknown';

/** One line of the table: medians over the rounds and what they say. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: Metric['unit'];
  readonly values: Readonly<Partial<Record<Side, number>>>;
  /** What the baseline is. */
  readonly baseline: string | null;
  /** Whom goald is compared with, or null when there is nobody. */
  readonly against: 'reference' | 'baseline' | null;
  /** How many times better goald is: 2 is half the time or twice the rate, 0.5 the opposite. */
  readonly advantage: number | null;
  readonly target: string | null;
  /** The advantage the target asks for, where it is one. */
  readonly wanted: number | null;
  readonly verdict: Verdict | null;
  /** Why the target is missed; null where it is not, or nobody knows. */
  readonly whyMissed: string | null;
}

export function toRow({ metric, samples }: MeasuredMetric): Row {
  const values: Partial<Record<Side, number>> = {};
  for (const side of SIDES) {
    const taken = samples[side];
    if (taken !== undefined) values[side] = median(taken);
  }
  const { unit, target } = metric;
  const against = comparedWith(metric, values);
  const wanted = target === undefined ? null : wantedAdvantage(target);
  const advantage =
    against === null ? null : advantageOf(unit, values.goald ?? NaN, values[against] ?? NaN);
  const verdict = target === undefined ? null : judge(target, values, advantage);
  return {
    id: metric.id,
    title: metric.title,
    unit,
    values,
    baseline: metric.baseline ?? null,
    against,
    advantage,
    target: target === undefined ? null : targetText(target, metric),
    wanted,
    verdict,
    whyMissed: verdict === 'missed' ? (metric.whyMissed ?? null) : null,
  };
}

function comparedWith(metric: Metric, values: Row['values']): Row['against'] {
  if (values.goald === undefined || metric.unit === 'times') return null;
  if (metric.baseline !== undefined && values.baseline !== undefined) return 'baseline';
  return values.reference === undefined ? null : 'reference';
}

function advantageOf(unit: Metric['unit'], goald: number, other: number): number {
  return higherIsBetter(unit) ? goald / other : other / goald;
}

function wantedAdvantage(target: Target): number | null {
  switch (target.kind) {
    case 'timesBetter':
      return target.atLeast;
    case 'share':
      return 1 / target.atMost;
    case 'above':
    case 'atMost':
      return null;
  }
}

function targetText(target: Target, metric: Metric): string {
  const of = (side: 'reference' | 'baseline'): string =>
    side === 'reference' ? 'the reference' : (metric.baseline ?? side);
  switch (target.kind) {
    case 'timesBetter':
      return `at least ${humanFactor(target.atLeast)} better`;
    case 'share':
      return `at most ${String(target.atMost)} of ${of(target.of)}`;
    case 'above':
      return `at most ${of('baseline')} + ${humanValue(target.atMost, metric.unit)}`;
    case 'atMost':
      return `at most ${String(target.value)}×`;
  }
}

function judge(target: Target, values: Row['values'], advantage: number | null): Verdict {
  const { goald, baseline } = values;
  const verdict = (met: boolean): Verdict => (met ? 'met' : 'missed');
  switch (target.kind) {
    case 'timesBetter':
      return advantage === null ? 'unknown' : verdict(advantage >= target.atLeast);
    case 'share':
      return advantage === null ? 'unknown' : verdict(1 / advantage <= target.atMost);
    case 'above':
      if (goald === undefined || baseline === undefined) return 'unknown';
      return verdict(goald - baseline <= target.atMost);
    case 'atMost':
      return goald === undefined ? 'unknown' : verdict(goald <= target.value);
  }
}
