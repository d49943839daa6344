import type { Metric, Side } from './metric.js';
import type { Sizes } from './sizes.js';
import type { Machine } from './support/machine.js';

/** The samples of one metric: one a round for each side. */
export type Samples = Readonly<Partial<Record<Side, readonly number[]>>>;

export interface MeasuredMetric {
  readonly metric: Metric;
  readonly samples: Samples;
}

/** A whole run. */
export interface Results {
  /** ISO date of the run. */
  readonly date: string;
  readonly machine: Machine;
  readonly sizes: Sizes;
  readonly seconds: number;
  /** Name and version of the reference, or null when it was left out. */
  readonly reference: string | null;
  readonly metrics: readonly MeasuredMetric[];
  /** What could not be measured, and why. */
  readonly problems: readonly string[];
}

/** Collects samples while the rounds run. */
export class Recorder {
  readonly #samples = new Map<string, Partial<Record<Side, number[]>>>();

  record(metricId: string, side: Side, value: number): void {
    if (!Number.isFinite(value)) throw new Error(`${metricId} of ${side} has no value.`);
    const samples = this.#samples.get(metricId) ?? {};
    (samples[side] ??= []).push(value);
    this.#samples.set(metricId, samples);
  }

  /** The metrics that have samples, in the order given. */
  measured(metrics: readonly Metric[]): MeasuredMetric[] {
    return metrics.flatMap((metric) => {
      const samples = this.#samples.get(metric.id);
      return samples === undefined ? [] : [{ metric, samples }];
    });
  }
}
