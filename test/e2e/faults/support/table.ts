import { readFileSync } from 'node:fs';

/** What docs/operations.md promises for one fault. */
export interface FaultRow {
  readonly id: string;
  readonly fault: string;
  /** The code words of "What you see", in order: the status, then the phase or the reason's code. */
  readonly sees: readonly string[];
  readonly charged: string;
  readonly next: string;
}

const PAGE = new URL('../../../../docs/operations.md', import.meta.url);
const HEADING = '## When the model fails';
const COLUMNS = ['Row', 'Fault', 'What you see', 'What is charged', 'What happens next'];

/** The rows of the model-fault table, as the page has them. */
export function faultRows(): readonly FaultRow[] {
  const page = readFileSync(PAGE, 'utf8');
  const section = page.slice(page.indexOf(HEADING) + HEADING.length).split(/^## /m)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const [head, , ...rows] = lines.map(cellsOf);
  if (JSON.stringify(head) !== JSON.stringify(COLUMNS)) {
    throw new Error(`The table has other columns: ${String(head)}`);
  }
  return rows.map(([id = '', fault = '', sees = '', charged = '', next = '']) => ({
    id: id.replaceAll('`', ''),
    fault,
    sees: [...sees.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    charged,
    next,
  }));
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
