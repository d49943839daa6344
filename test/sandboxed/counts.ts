import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** What a suite said of itself. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: number;
  /** Full names of those that failed. */
  readonly failures: readonly string[];
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

/** Reads vitest's JSON report; a file that could not be loaded counts as one failure. Rejects when there is none. */
export async function countVitest(file: string): Promise<Counts> {
  const { testResults } = reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: fileName(name) })),
  );
  const broken = testResults
    .filter(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
    )
    .map(({ name }) => `${fileName(name)} (the file itself)`);
  const failed = tests.filter(({ status }) => status === 'failed');
  const failures = [...failed.map((test) => `${test.file}: ${test.fullName}`), ...broken];
  const passed = tests.filter(({ status }) => status === 'passed').length;
  return {
    ...{ passed, failures, failed: failures.length },
    leftOut: tests.length - passed - failed.length,
  };
}

/** Reads the figures at the end of TAP. Throws when they are not there. */
export async function countTap(file: string): Promise<Counts> {
  const text = await readFile(file, 'utf8');
  const figure = (name: string): number | null => {
    const found = new RegExp(`^# ${name} +(\\d+)$`, 'mu').exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
  const total = figure('tests');
  if (total === null) throw new Error(`${file} has no figures: the suite did not come to its end.`);
  const passed = figure('pass') ?? 0;
  const failed = figure('fail') ?? 0;
  const failures = [...text.matchAll(/^not ok \d+ (.*)$/gmu)].map(([, name]) => name ?? '');
  return { passed, failed, leftOut: total - passed - failed, failures };
}

function fileName(path: string): string {
  return path.split('/test/').at(-1) ?? path;
}
