import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

/**
 * The part of the test runner's JSON report that is read here.
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ testResults: FileResult[] }} Report
 */

/**
 * Counts of a run. A file that could not be loaded counts as one failure, and so does a test command or a check that ended
 * badly with no failed test to show for it. A run without a test is a failure.
 * @param {Report | null} report null when there is none
 * @param {{ testStatus: number, checkStatus: number }} exits exit codes
 * @returns {{ passed: number, failed: number }}
 */
export function tally(report, exits) {
  const files = report?.testResults ?? [];
  const count = (/** @type {string} */ status) =>
    files.flatMap((file) => file.assertionResults).filter((test) => test.status === status).length;
  const broken = files.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = count('passed');
  let failed = count('failed') + broken;
  if (failed === 0 && (exits.testStatus !== 0 || passed === 0)) failed = 1;
  if (exits.checkStatus !== 0) failed += 1;
  return { passed, failed };
}

/**
 * @param {string} file
 * @returns {Report | null}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const [file = '', testStatus = '1', checkStatus = '1'] = argv.slice(2);
  const counts = tally(readReport(file), {
    testStatus: Number(testStatus),
    checkStatus: Number(checkStatus),
  });
  process.exitCode = counts.failed === 0 ? 0 : 1;
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
}
