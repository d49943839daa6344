export interface TextLine {
  readonly text: string;
  readonly eol: '\n' | '\r\n' | '';
}

/** A text file in lines, with what must survive an edit. */
export interface TextFile {
  readonly lines: readonly TextLine[];
  readonly bom: boolean;
  /** The line end most lines have. */
  readonly eol: '\n' | '\r\n';
}

const BOM = '\uFEFF';

/** Splits a text into its lines. `formatText` gives back the same text. */
export function parseText(text: string): TextFile {
  const bom = text.startsWith(BOM);
  const lines: TextLine[] = [];
  let crlf = 0;
  for (let start = bom ? 1 : 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) {
      lines.push({ text: text.slice(start), eol: '' });
      break;
    }
    const isCrlf = newline > start && text[newline - 1] === '\r';
    if (isCrlf) crlf += 1;
    lines.push({
      text: text.slice(start, isCrlf ? newline - 1 : newline),
      eol: isCrlf ? '\r\n' : '\n',
    });
    start = newline + 1;
  }
  const ended = lines.at(-1)?.eol === '' ? lines.length - 1 : lines.length;
  return { lines, bom, eol: crlf * 2 > ended ? '\r\n' : '\n' };
}

/** The text of `lines` in the manner of `file`: its byte order mark, its line ends, its final newline or none. */
export function formatText(file: TextFile, lines: readonly TextLine[]): string {
  const finalNewline = file.lines.at(-1)?.eol !== '';
  const parts = lines.map((line, index) => {
    if (index === lines.length - 1 && !finalNewline) return line.text;
    return line.text + (line.eol === '' ? file.eol : line.eol);
  });
  return (file.bom ? BOM : '') + parts.join('');
}
