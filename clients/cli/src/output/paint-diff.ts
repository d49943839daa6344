import type { Paint } from '../terminal/terminal.js';
import { clean } from './text.js';

/** A unified diff with its lines coloured. */
export function paintDiff(diff: string, paint: Paint): string {
  return clean(diff)
    .trimEnd()
    .split('\n')
    .map((line) => paintDiffLine(line, paint))
    .join('\n');
}

function paintDiffLine(line: string, paint: Paint): string {
  if (/^(?:diff |index |\+\+\+ |--- |new file|deleted file)/u.test(line)) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  if (line.startsWith('-')) return paint.red(line);
  return line;
}
