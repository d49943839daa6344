/** How much a run does. */
export interface Sizes {
  readonly rounds: number;
  /** How long each load of requests is measured. */
  readonly loadMs: number;
  readonly inFlight: readonly number[];
  readonly newThreads: number;
  readonly clients: readonly number[];
  readonly updates: number;
  readonly continuations: number;
  readonly starts: number;
  readonly commands: number;
  /** Commands in the sandbox, and as many beside it. */
  readonly sandboxed: number;
  readonly fewGoals: number;
  readonly manyGoals: number;
}

export const FULL: Sizes = {
  rounds: 5,
  loadMs: 700,
  inFlight: [1, 16, 64],
  newThreads: 8,
  clients: [50, 500, 1000],
  updates: 10,
  continuations: 100,
  starts: 4,
  commands: 8,
  sandboxed: 25,
  fewGoals: 100,
  manyGoals: 100_000,
};

export const QUICK: Sizes = {
  rounds: 1,
  loadMs: 250,
  inFlight: [1, 16, 64],
  newThreads: 3,
  clients: [50, 500],
  updates: 4,
  continuations: 50,
  starts: 2,
  commands: 3,
  sandboxed: 8,
  fewGoals: 100,
  manyGoals: 10_000,
};
