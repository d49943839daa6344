import type { Row } from './row.js';
import { humanFactor, humanValue } from './units.js';

const HEADINGS = ['measured', 'goald', 'reference', 'beside', 'goald is', 'to reach', ''] as const;
const VERDICTS = { met: 'met', missed: 'MISSED', unknown: 'not compared' } as const;

/** The cells of a table, without its headings. */
function cellsOf(row: Row): readonly string[] {
  const value = (side: keyof Row['values']): string => {
    const known = row.values[side];
    return known === undefined ? '' : humanValue(known, row.unit);
  };
  const baseline = row.values.baseline === undefined ? '' : `${row.baseline ?? ''} `;
  return [
    row.title,
    value('goald'),
    value('reference'),
    baseline + value('baseline'),
    compared(row),
    row.target ?? '',
    row.verdict === null ? '' : VERDICTS[row.verdict],
  ];
}

function compared({ advantage, unit }: Row): string {
  if (advantage === null) return '';
  const [better, worse] = {
    ms: ['faster', 'slower'],
    perSecond: ['faster', 'slower'],
    bytes: ['smaller', 'larger'],
    times: ['better', 'worse'],
  }[unit];
  return advantage >= 1
    ? `${humanFactor(advantage)} ${better ?? ''}`
    : `${humanFactor(1 / advantage)} ${worse ?? ''}`;
}

/** For a terminal: columns side by side, numbers to the right. */
export function textTable(rows: readonly Row[]): string {
  const lines = [[...HEADINGS], ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column >= 1 && column <= 4 ? text.padStart(width) : text.padEnd(width);
  };
  return `${lines.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n')}\n`;
}

export function markdownTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = HEADINGS.map((_, column) => (column >= 1 && column <= 4 ? '---:' : '---'));
  return `${[line(HEADINGS), line(rule), ...rows.map((row) => line(cellsOf(row)))].join('\n')}\n`;
}
