import type { DoctorCheck, DoctorReport } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { clean } from './text.js';

const INDENT = ' '.repeat(17);

/** A line a check, what to do under it, and the sum of it all. */
export function doctorText(report: DoctorReport, paint: Paint): string {
  const lines = report.checks.map((check) => checkLines(check, paint));
  const count = (status: DoctorCheck['status']): number =>
    report.checks.filter((check) => check.status === status).length;
  const fails = count('fail');
  const warns = count('warn');
  const sum =
    fails + warns === 0
      ? paint.green('Everything is in order.')
      : `${String(fails)} to put right, ${String(warns)} to look at.`;
  return `${lines.join('')}\n${sum}\n`;
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function checkLines({ id, status, message, advice }: DoctorCheck, paint: Paint): string {
  const painted = paint[COLOURS[status]](status.padEnd(4));
  const told = clean(message).replaceAll('\n', `\n${INDENT}`);
  const todo = advice === null ? '' : `${INDENT}→ ${clean(advice)}\n`;
  return `${painted}  ${id.padEnd(9)}  ${told}\n${todo}`;
}
