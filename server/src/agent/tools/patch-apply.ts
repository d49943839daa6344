import { LineSearch, matchHunk, type HunkPlace } from './patch-match.js';
import { PatchError, type PatchHunk } from './patch-parser.js';
import { formatText, parseText, type TextFile, type TextLine } from './patch-text.js';

/** Most lines shown of what was wanted or of what is there. */
const SHOWN_LINES = 15;

const oldLines = (lines: HunkPlace['lines']): readonly string[] =>
  lines.filter((line) => line.kind !== 'add').map((line) => line.text);

function show(lines: readonly string[]): string {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `  ${line}`);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`  … ${String(more)} more lines`] : [])].join('\n');
}

function missing(file: TextFile, search: LineSearch, hunk: PatchHunk, where: string): PatchError {
  const block = oldLines(hunk.lines);
  const start = search.closest(block);
  const there =
    start === null
      ? 'No line of it is in the file.'
      : `The closest place, line ${String(start + 1)}, reads:\n${show(
          file.lines.slice(start, start + block.length).map((line) => line.text),
        )}`;
  return new PatchError(`${where}: these lines were not found:\n${show(block)}\n${there}`);
}

function place(
  file: TextFile,
  search: LineSearch,
  hunk: PatchHunk,
  where: string,
  taken: readonly HunkPlace[],
): HunkPlace {
  const isFree = (start: number, length: number): boolean =>
    taken.every((other) => {
      const end = other.start + oldLines(other.lines).length;
      return start + length <= other.start || start >= end;
    });
  const last = taken.at(-1);
  const cursor = last === undefined ? 0 : last.start + oldLines(last.lines).length;
  const match = matchHunk(search, hunk, cursor, isFree);
  switch (match.kind) {
    case 'found':
      return match.place;
    case 'missing':
      throw missing(file, search, hunk, where);
    case 'anchorMissing':
      throw new PatchError(`${where}: the line after @@ was not found:\n  ${match.anchor}`);
    case 'ambiguous': {
      const numbers = match.starts.slice(0, 10).map((start) => String(start + 1));
      const wanted = oldLines(hunk.lines);
      throw new PatchError(
        `${where}: its place is ambiguous, it fits at lines ${numbers.join(', ')}. Add more context lines, or an @@ line with the enclosing function or class.\n${show(
          wanted.length > 0 ? wanted : hunk.anchors,
        )}`,
      );
    }
  }
}

function splice(file: TextFile, places: readonly HunkPlace[]): readonly TextLine[] {
  const result: TextLine[] = [];
  let at = 0;
  // Array.prototype.sort is stable: insertions at one place keep their order.
  for (const { start, lines } of [...places].sort((a, b) => a.start - b.start)) {
    while (at < start) at = keep(file, at, result);
    for (const line of lines) {
      if (line.kind === 'add') result.push({ text: line.text, eol: file.eol });
      else if (line.kind === 'remove') at += 1;
      else at = keep(file, at, result);
    }
  }
  while (at < file.lines.length) at = keep(file, at, result);
  return result;
}

function keep(file: TextFile, at: number, result: TextLine[]): number {
  const line = file.lines[at];
  if (line !== undefined) result.push(line);
  return at + 1;
}

/**
 * The text after the hunks. Kept lines, line ends, byte order mark and a missing final newline stay as they are.
 * Throws PatchError with the hunk's number and its lines where a place is missing or ambiguous; `path` is for its words.
 */
export function applyHunks(text: string, hunks: readonly PatchHunk[], path: string): string {
  const file = parseText(text);
  const search = new LineSearch(file.lines.map((line) => line.text));
  const places: HunkPlace[] = [];
  for (const [index, hunk] of hunks.entries()) {
    const where = `${path}: hunk ${String(index + 1)} of ${String(hunks.length)}`;
    places.push(place(file, search, hunk, where, places));
  }
  return formatText(file, splice(file, places));
}
