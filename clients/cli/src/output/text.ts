const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
const ESCAPE_SEQUENCES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}[@-Z\\\\-_]?`,
  'gu',
);
const PRINTABLE_ASCII = /^[ -~]*$/u;
let segmenter: Intl.Segmenter | undefined;

/** Text of others made safe for a terminal: no escape sequence and no control character but line breaks; tabs become blanks. */
export function clean(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text
    .replaceAll(ESCAPE_SEQUENCES, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '  ')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === '\n' ? character : '',
    );
}

/** The same on one line. */
export function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/gu, ' ').trim();
}

/** Text of others shown as it is, for somebody who decides by it: nothing is left out, what a terminal would not show has its code. */
export function visible(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Columns a text takes in a terminal. Escape sequences take none. */
export function displayWidth(text: string): number {
  const plain = text.replaceAll(ESCAPE_SEQUENCES, '');
  if (PRINTABLE_ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const segment of graphemes(plain)) {
    width += graphemeWidth(segment);
  }
  return width;
}

/** Cuts a text without escape sequences to at most `columns`, with an ellipsis where something is missing. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let kept = '';
  let width = 0;
  for (const segment of graphemes(text)) {
    const next = graphemeWidth(segment);
    if (width + next > columns - 1) break;
    kept += segment;
    width += next;
  }
  return `${kept}…`;
}

/** Breaks a text at blanks into lines of at most `columns`; a longer word is cut. */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(columns, 10)));
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (displayWidth(joined) <= columns) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    current = truncate(word, columns);
  }
  lines.push(current);
  return lines;
}

/** Characters as people count them. Making a segmenter takes 10 ms, so ASCII goes without. */
function graphemes(text: string): Iterable<string> {
  if (PRINTABLE_ASCII.test(text)) return text;
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(segment: string): number {
  const point = segment.codePointAt(0) ?? 0;
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return 0;
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(segment)) return 0;
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(segment)) return 2;
  return isWide(point) ? 2 : 1;
}

function isWide(point: number): boolean {
  return WIDE.some(([from, to]) => point >= from && point <= to);
}

/** Ranges of East Asian wide and fullwidth characters. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];
