import { structuredPatch, type StructuredPatchHunk } from 'diff';
import type { TreeEntry } from './tree-entry.js';

/** Beyond it a file's diff shows everything as removed and added. */
const TIMEOUT_MS = 300;
const SNIFF_BYTES = 8000;
const ID_CHARS = 7;
const NO_ID = '0'.repeat(ID_CHARS);

/** One side of a comparison. */
export interface FileSide {
  readonly entry: TreeEntry;
  /** null: too large, or not to be had any more. */
  readonly content: Buffer | null;
}

export interface FileDiff {
  /** Unified diff in git's dialect, with its header. */
  readonly text: string;
  readonly insertions: number;
  readonly deletions: number;
}

/** A path as git writes it into a diff: in quotes where it holds control characters, quotes or backslashes. */
function quoted(path: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  const escaped = path.replace(/["\\\p{Cc}]/gu, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    const code = char.charCodeAt(0);
    if (code > 0x7f) return char;
    return escapes[char] ?? `\\${code.toString(8).padStart(3, '0')}`;
  });
  return escaped === path ? path : `"${escaped}"`;
}

/** Lines are compared as bytes, so that text in any encoding gives a true diff. */
const asBytes = (content: Buffer): string => content.toString('latin1');
const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

function allLines(sign: '-' | '+', text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => sign + line);
  return text.endsWith('\n') ? lines.slice(0, -1) : [...lines, '\\ No newline at end of file'];
}

const isCounted = (line: string): boolean => !line.startsWith('\\');

function hunksOf(before: string, after: string): readonly StructuredPatchHunk[] {
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, {
    context: 3,
    timeout: TIMEOUT_MS,
  });
  if (patch !== undefined) return patch.hunks;
  const removed = allLines('-', before);
  const added = allLines('+', after);
  return [
    {
      oldStart: 1,
      oldLines: removed.filter(isCounted).length,
      newStart: 1,
      newLines: added.filter(isCounted).length,
      lines: [...removed, ...added],
    },
  ];
}

function range(start: number, count: number): string {
  if (count === 0) return `${String(start - 1)},0`;
  return count === 1 ? String(start) : `${String(start)},${String(count)}`;
}

function header(path: string, before: TreeEntry | null, after: TreeEntry | null): string[] {
  const lines = [`diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}`];
  if (before === null && after !== null) lines.push(`new file mode ${after.mode}`);
  if (after === null && before !== null) lines.push(`deleted file mode ${before.mode}`);
  const sameMode = before !== null && after !== null && before.mode === after.mode;
  if (before !== null && after !== null && !sameMode) {
    lines.push(`old mode ${before.mode}`, `new mode ${after.mode}`);
  }
  if (before?.oid === after?.oid) return lines;
  const ids = [before, after].map((entry) => entry?.oid.slice(0, ID_CHARS) ?? NO_ID);
  lines.push(`index ${ids.join('..')}${sameMode ? ` ${before.mode}` : ''}`);
  return lines;
}

const isBinary = (content: Buffer): boolean => content.subarray(0, SNIFF_BYTES).includes(0);

function contentOf(side: FileSide | null): Buffer | null {
  if (side === null) return Buffer.alloc(0);
  if (side.entry.mode === '160000') return Buffer.from(`Subproject commit ${side.entry.oid}\n`);
  return side.content;
}

const isTypeChange = (before: TreeEntry, after: TreeEntry): boolean =>
  before.mode.slice(0, 2) !== after.mode.slice(0, 2);

/** The difference of one file. null: it is not there on that side; not both. */
export function fileDiff(path: string, before: FileSide | null, after: FileSide | null): FileDiff {
  if (before !== null && after !== null && isTypeChange(before.entry, after.entry)) {
    const [gone, made] = [fileDiff(path, before, null), fileDiff(path, null, after)];
    return {
      text: gone.text + made.text,
      insertions: made.insertions,
      deletions: gone.deletions,
    };
  }
  const lines = header(path, before?.entry ?? null, after?.entry ?? null);
  const whole = (more: readonly string[]): string => `${[...lines, ...more].join('\n')}\n`;
  const none = { insertions: 0, deletions: 0 };
  if (before?.entry.oid === after?.entry.oid) return { text: whole([]), ...none };

  const names = [
    before === null ? '/dev/null' : quoted(`a/${path}`),
    after === null ? '/dev/null' : quoted(`b/${path}`),
  ];
  const [oldContent, newContent] = [contentOf(before), contentOf(after)];
  if (oldContent === null || newContent === null) {
    return { text: whole([`Files ${names.join(' and ')} differ (too large to diff)`]), ...none };
  }
  if (isBinary(oldContent) || isBinary(newContent)) {
    return { text: whole([`Binary files ${names.join(' and ')} differ`]), ...none };
  }
  const hunks = hunksOf(asBytes(oldContent), asBytes(newContent));
  if (hunks.length === 0) return { text: whole([]), ...none };
  // A tab ends a name that holds white space, as git has it.
  const end = /\s/.test(path) ? '\t' : '';
  const ended = names.map((name) => (name === '/dev/null' ? name : name + end));
  const body = hunks.flatMap((hunk) => [
    `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines.map(asText),
  ]);
  const count = (sign: string): number =>
    hunks.reduce((n, hunk) => n + hunk.lines.filter((line) => line.startsWith(sign)).length, 0);
  return {
    text: whole([`--- ${ended[0] ?? ''}`, `+++ ${ended[1] ?? ''}`, ...body]),
    insertions: count('+'),
    deletions: count('-'),
  };
}
