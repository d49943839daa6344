import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECK_STEPS } from './check-steps.mjs';
import { runToEnd } from './setup/run-quiet.mjs';

// `npm run check`: types, lint, format, dead code, schemas. One line a step; the whole output of those that fail.
// `node .ci/check.mjs NAME…` runs only the steps whose name contains one of the words.

const AT_ONCE = 2;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);

/** @typedef {import('./check-steps.mjs').CheckStep} CheckStep */

/** @param {CheckStep} step */
const isWanted = (step) => words.length === 0 || words.some((word) => step.name.includes(word));

/**
 * @param {CheckStep} step
 * @returns {Promise<boolean>}
 */
async function run(step) {
  const startedAt = Date.now();
  const { code, output } = await runToEnd(process.execPath, step.command, { cwd: root });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(`\n${output.trimEnd()}\n\n`);
  return code === 0;
}

/**
 * @param {readonly CheckStep[]} steps
 * @returns {Promise<string[]>} names of those that failed
 */
async function runAll(steps) {
  const queue = steps.filter(isWanted);
  /** @type {string[]} */
  const failed = [];
  const work = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      if (!(await run(step))) failed.push(step.name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

const all = [...CHECK_STEPS.first, ...CHECK_STEPS.then];
if (!all.some(isWanted)) {
  process.stdout.write(`No such step. There are: ${all.map(({ name }) => name).join('; ')}\n`);
  process.exitCode = 2;
} else {
  const failed = [...(await runAll(CHECK_STEPS.first)), ...(await runAll(CHECK_STEPS.then))];
  if (failed.length > 0) {
    process.stdout.write(`check failed: ${failed.join(', ')}\n`);
    process.exitCode = 1;
  }
}
