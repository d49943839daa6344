import { env } from 'node:process';

/** The variable in which main hands on where things are. */
export const RUN_VARIABLE = 'GOALD_CONFORMANCE';

export interface ConformanceRun {
  /** The program of the reference. */
  readonly program: string;
  /** Folder of its JSON Schemas. */
  readonly schemas: string;
  /** Folder of what the daemons of the test-suite said. */
  readonly recorded: string;
}

export function conformanceRun(): ConformanceRun {
  const text = env[RUN_VARIABLE];
  if (text === undefined) throw new Error('Run these with `npm run test:conformance`.');
  return JSON.parse(text) as ConformanceRun;
}
