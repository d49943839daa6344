import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff';

/** Beyond it a diff is not worth the wait: everything is shown as removed and added. */
const TIMEOUT_MS = 1000;

function hunkOfAll(sign: '-' | '+', text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') return lines.slice(0, -1).map((line) => sign + line);
  return [...lines.map((line) => sign + line), '\\ No newline at end of file'];
}

function replacement(before: string, after: string): string {
  const removed = hunkOfAll('-', before);
  const added = hunkOfAll('+', after);
  const count = (lines: readonly string[]): number =>
    lines.filter((line) => !line.startsWith('\\')).length;
  const range = (lines: readonly string[]): string =>
    `${lines.length === 0 ? '0' : '1'},${String(count(lines))}`;
  const header = `@@ -${range(removed)} +${range(added)} @@`;
  return `${[header, ...removed, ...added].join('\n')}\n`;
}

/** A file as it is on one side of a difference. */
export interface DiffSide {
  readonly path: string;
  readonly text: string;
}

/** Unified diff of one file with three lines of context. null: the file is not there on that side. */
export function unifiedDiff(before: DiffSide | null, after: DiffSide | null): string {
  const oldName = before === null ? '/dev/null' : `a/${before.path}`;
  const newName = after === null ? '/dev/null' : `b/${after.path}`;
  const oldText = before?.text ?? '';
  const newText = after?.text ?? '';
  const headers = `--- ${oldName}\n+++ ${newName}\n`;
  if (oldText === newText) return headers;
  const diff = createTwoFilesPatch(oldName, newName, oldText, newText, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
    timeout: TIMEOUT_MS,
  });
  return diff ?? headers + replacement(oldText, newText);
}
