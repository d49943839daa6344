import type { Contestant } from './contestants/contestant.js';
import type { Measure } from './measure.js';
import { Recorder, type MeasuredMetric } from './results.js';
import type { Sizes } from './sizes.js';
import { WorkFolder } from './support/folders.js';
import type { Progress } from './support/progress.js';

export interface RunOptions {
  readonly measures: readonly Measure[];
  readonly contestants: readonly Contestant[];
  readonly sizes: Sizes;
  readonly progress: Progress;
}

/** Runs all rounds: each has every measure, each measure every contestant, in turns, so that what else the machine does hits all alike. */
export async function run(options: RunOptions): Promise<{
  metrics: MeasuredMetric[];
  problems: string[];
}> {
  const { measures, contestants, sizes, progress } = options;
  const recorder = new Recorder();
  const failed = new Map<Measure, string>();
  await using work = await WorkFolder.make();
  const attempt = async (measure: Measure, act: () => Promise<void>): Promise<void> => {
    if (failed.has(measure)) return;
    try {
      await act();
    } catch (error) {
      const problem = `${measure.name}: ${error instanceof Error ? error.message : String(error)}`;
      failed.set(measure, problem);
      progress.note(problem);
    }
  };
  for (const measure of measures) {
    if (measure.prepare === undefined) continue;
    progress.say(`preparing ${measure.name}`);
    const { prepare } = measure;
    await attempt(measure, () => prepare({ sizes, fresh: () => work.fresh() }));
  }
  for (let round = 1; round <= sizes.rounds; round += 1) {
    const order = round % 2 === 1 ? contestants : contestants.toReversed();
    for (const measure of measures) {
      await attempt(measure, () =>
        measure.run({
          sizes,
          contestants: order,
          fresh: () => work.fresh(),
          step: (text) => {
            progress.say(`round ${String(round)} of ${String(sizes.rounds)}: ${text}`);
          },
          record: (metricId, side, value) => {
            recorder.record(metricId, side, value);
          },
        }),
      );
    }
  }
  const metrics = measures.flatMap((measure) => measure.metrics(sizes));
  return { metrics: recorder.measured(metrics), problems: [...failed.values()] };
}
