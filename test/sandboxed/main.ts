import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WorkFolder } from '../bench/support/folders.js';
import { report, type NamedRun } from './report.js';
import { runSuite } from './run-suite.js';
import { allSuites } from './suites.js';

// `npm run test:sandboxed`: runs real test-suites inside of workspace-write and writes docs/measurements/sandboxed-suites.md. `--only NAME` runs one,
// `--part PATH` only some of goald's own tests; then nothing is written.

const DOCUMENT = join(import.meta.dirname, '../../docs/measurements/sandboxed-suites.md');

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, part: { type: 'string' } },
});

async function main(): Promise<number> {
  const suites = allSuites(values.part ?? null);
  const unknown = values.only.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new TypeError(`There is no suite "${unknown}".`);
  const chosen = suites.filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  const runs: NamedRun[] = [];
  for (const chosenSuite of chosen) {
    const { name } = chosenSuite;
    process.stderr.write(`${name}: preparing\n`);
    await using work = await WorkFolder.make();
    const suite = await chosenSuite.prepare(work.path);
    process.stderr.write(`${name}: running in the sandbox\n`);
    const run = await runSuite(suite);
    const { passed, failed, leftOut, failures } = run.counts;
    process.stdout.write(
      `${name} ${suite.version}: ${String(passed)} passed, ${String(failed)} failed, ${String(leftOut)} left out, ${String(run.seconds)} s\n`,
    );
    for (const failure of failures) process.stdout.write(`  failed: ${failure}\n`);
    runs.push({ ...run, name, version: suite.version });
  }
  if (values.only.length === 0 && values.part === undefined) {
    await mkdir(join(DOCUMENT, '..'), { recursive: true });
    await writeFile(DOCUMENT, report(runs, new Date().toISOString().slice(0, 10)));
  }
  return runs.every(({ verified, counts }) => verified && counts.failed === 0) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
