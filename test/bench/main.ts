import { relative } from 'node:path';
import type { Contestant } from './contestants/contestant.js';
import { fetchReference, REFERENCE } from './contestants/fetch-reference.js';
import { Goald } from './contestants/goald.js';
import { Reference } from './contestants/reference.js';
import { allMeasures } from './measures/index.js';
import { helpText, readOptions, type Options } from './options.js';
import { describeRun } from './report/describe.js';
import { toRow } from './report/row.js';
import { textTable } from './report/table.js';
import { writeResults } from './report/write.js';
import type { Results } from './results.js';
import { run } from './run.js';
import { FULL, QUICK } from './sizes.js';
import { describeMachine } from './support/machine.js';
import { Progress } from './support/progress.js';

async function main(args: readonly string[]): Promise<number> {
  const measures = allMeasures();
  const names = measures.map(({ name }) => name);
  const options = readOptions(args, names);
  if (options.help) {
    process.stdout.write(helpText(names));
    return 0;
  }
  const progress = new Progress();
  const reference = await findReference(options, progress);
  const contestants: Contestant[] = [new Goald(), ...(reference === null ? [] : [reference])];
  const sizes = options.quick ? QUICK : FULL;
  const chosen = measures.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const ran = await run({ measures: chosen, contestants, sizes, progress });
  progress.end();
  const results: Results = {
    date: new Date().toISOString(),
    machine: await describeMachine(),
    sizes,
    seconds: progress.seconds,
    reference: reference === null ? null : `${REFERENCE.name} ${REFERENCE.version}`,
    ...ran,
  };
  const rows = results.metrics.map(toRow);
  process.stdout.write(`${textTable(rows)}\n${describeRun(results)}\n`);
  for (const problem of results.problems) process.stdout.write(`Not measured: ${problem}\n`);
  if (options.out !== null) {
    await writeResults(options.out, results, rows);
    process.stdout.write(`Written to ${relative(process.cwd(), options.out) || '.'}\n`);
  }
  return results.problems.length === 0 ? 0 : 1;
}

/** The reference, or null when it is not wanted or, in a quick run, cannot be fetched. */
async function findReference(options: Options, progress: Progress): Promise<Contestant | null> {
  if (!options.reference) return null;
  try {
    const program = await fetchReference((folder) => {
      progress.note(
        `Fetching ${REFERENCE.name} ${REFERENCE.version} (400 MB, once) into ${folder}`,
      );
    });
    return new Reference(program);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!options.quick) {
      throw new Error(
        `The reference cannot be had: ${reason}\nRun with --no-reference to measure goald alone.`,
        { cause: error },
      );
    }
    progress.note(`goald is measured alone, the reference cannot be had: ${reason}`);
    return null;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
