import { wrap } from '../output/text.js';
import type { Paint } from '../terminal/terminal.js';
import type { LineKind, TranscriptLine } from './view.js';

const INDENT = '  ';
const MARKS: Readonly<Record<LineKind, string>> = {
  ok: '✓',
  fail: '✗',
  warn: '!',
  info: '·',
  say: '›',
  head: '—',
};

/** A transcript line as text that ends with a line break, broken at `columns` (Infinity: not at all). */
export function paintLine(line: TranscriptLine, paint: Paint, columns: number): string {
  const style = styleOf(line.kind, paint);
  const [first = '', ...rest] = fit(line.text, columns - 2);
  const body = [
    `${style.mark(MARKS[line.kind])} ${style.text(first)}`,
    ...rest.map((text) => `${INDENT}${style.text(text)}`),
    ...(line.detail ?? [])
      .flatMap((detail) => fit(detail, columns - 4))
      .map((text) => `${INDENT}${INDENT}${paint.dim(text)}`),
  ];
  return `${body.join('\n')}\n`;
}

function fit(text: string, columns: number): string[] {
  return Number.isFinite(columns) ? wrap(text, columns) : text.split('\n');
}

function styleOf(
  kind: LineKind,
  paint: Paint,
): { mark: (text: string) => string; text: (text: string) => string } {
  const plain = (text: string): string => text;
  switch (kind) {
    case 'ok':
      return { mark: (text) => paint.green(text), text: plain };
    case 'fail':
      return { mark: (text) => paint.red(text), text: plain };
    case 'warn':
      return { mark: (text) => paint.yellow(text), text: plain };
    case 'info':
      return { mark: (text) => paint.dim(text), text: (text) => paint.dim(text) };
    case 'say':
      return { mark: (text) => paint.cyan(text), text: plain };
    case 'head':
      return { mark: (text) => paint.dim(text), text: (text) => paint.bold(text) };
  }
}
