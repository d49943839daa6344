/** What a daemon's heap held when every goal so far had come to its end. */
export interface HeapSample {
  readonly goals: number;
  readonly heapBytes: number;
}

/** Bytes that each goal leaves behind: the slope of the straight line through the samples. */
export function bytesPerGoal(samples: readonly HeapSample[]): number {
  const mean = (of: (sample: HeapSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const goals = mean((sample) => sample.goals);
  const bytes = mean((sample) => sample.heapBytes);
  const above = samples.reduce(
    (sum, sample) => sum + (sample.goals - goals) * (sample.heapBytes - bytes),
    0,
  );
  const below = samples.reduce((sum, sample) => sum + (sample.goals - goals) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
