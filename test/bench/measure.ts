import type { Contestant } from './contestants/contestant.js';
import type { Metric, Side } from './metric.js';
import type { Sizes } from './sizes.js';

/** What a measure works with in one round. */
export interface Round {
  readonly sizes: Sizes;
  /** In the order of this round: who is first changes from round to round. */
  readonly contestants: readonly Contestant[];
  /** A new empty folder. */
  readonly fresh: () => Promise<string>;
  /** Says what is being done. */
  readonly step: (text: string) => void;
  /** One sample of a metric; a round gives one for each side. */
  readonly record: (metricId: string, side: Side, value: number) => void;
}

/** One file of measures/: a group of metrics that are measured together. */
export interface Measure {
  /** For --only. */
  readonly name: string;
  readonly metrics: (sizes: Sizes) => readonly Metric[];
  /** Once before all rounds. */
  readonly prepare?: (work: Pick<Round, 'sizes' | 'fresh'>) => Promise<void>;
  readonly run: (round: Round) => Promise<void>;
}
