import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../results.js';
import { toChart } from './chart.js';
import { toMarkdown } from './markdown.js';
import type { Row } from './row.js';

/** Writes results.json, results.md and chart.svg. */
export async function writeResults(
  folder: string,
  results: Results,
  rows: readonly Row[],
): Promise<void> {
  const { metrics, ...about } = results;
  const measured = metrics.map(({ metric, samples }) => {
    const row = rows.find(({ id }) => id === metric.id);
    return {
      ...metric,
      samples,
      medians: row?.values ?? {},
      advantage: row?.advantage ?? null,
      verdict: row?.verdict ?? null,
    };
  });
  await mkdir(folder, { recursive: true });
  const json = JSON.stringify({ ...about, metrics: measured }, null, 1);
  await writeFile(join(folder, 'results.json'), `${json}\n`);
  await writeFile(join(folder, 'results.md'), toMarkdown(results, rows));
  await writeFile(join(folder, 'chart.svg'), toChart(rows));
}
