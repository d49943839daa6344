import type { Results } from '../results.js';
import { describeRun } from './describe.js';
import type { Row } from './row.js';
import { markdownTable } from './table.js';

/** results.md */
export function toMarkdown(results: Results, rows: readonly Row[]): string {
  const problems =
    results.problems.length === 0
      ? ''
      : `\n## Not measured\n\n${results.problems.map((problem) => `- ${problem}`).join('\n')}\n`;
  const causes = rows.flatMap(({ title, whyMissed }) =>
    whyMissed === null ? [] : [`- **${title}**: ${whyMissed}`],
  );
  const missed = causes.length === 0 ? '' : `\n## Missed, and why\n\n${causes.join('\n')}\n`;
  return `# Measurements

Made by \`npm run bench\`. ${describeRun(results)}

Both servers are driven by the same client and a scripted model over real HTTP, in turns within each round, so ratios hold better
than figures. Over TCP every other goal/set of the reference waits some 40 ms for a delayed ACK (Nagle's algorithm) and the others
take 4, so that its median lies anywhere between and its rate says more; the Unix socket shows it without that wait.
The figures of every round are in [results.json](results.json).

![How many times better goald is](chart.svg)

${markdownTable(rows)}${missed}${problems}`;
}
