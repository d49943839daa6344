/** The parts of Markdown that an objective is read by. Everything else is text. */
export type MarkdownBlock =
  /** `level` is 1 to 6, or 7 for a line that only looks like a heading: bold, or a name with a colon. */
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  /** `depth` is how many items it stands in; the text keeps its line breaks. */
  | { readonly kind: 'item'; readonly depth: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  /** `language` is the first word after the fence, in lower case. */
  | { readonly kind: 'code'; readonly language: string; readonly lines: readonly string[] };

const FENCE = /^\s*(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/u;
const ATX = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/u;
const ITEM = /^(\s*)(?:[-*+•]|\d{1,9}[.)])\s+(.*)$/u;
const BOLD_LINE = /^\s*(?:\*\*([^*]+)\*\*|__([^_]+)__)\s*:?\s*$/u;
const RULE = /^ {0,3}([-*_=])(?:\s*\1){2,}\s*$/u;
const UNDERLINE = /^ {0,3}(=+|-{2,})\s*$/u;

/** Reads Markdown line by line. Never throws: what is no Markdown is a paragraph. `isName` tells a bare `Name:` line from a sentence. */
export function markdownBlocks(
  text: string,
  isName: (text: string) => boolean,
): readonly MarkdownBlock[] {
  const reader = new BlockReader(isName);
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) reader.line(line);
  return reader.end();
}

interface OpenCode {
  readonly fence: string;
  readonly language: string;
  readonly lines: string[];
}

class BlockReader {
  readonly #isName: (text: string) => boolean;
  readonly #blocks: MarkdownBlock[] = [];
  #code: OpenCode | null = null;
  #text:
    { kind: 'item'; depth: number; text: string } | { kind: 'paragraph'; text: string } | null =
    null;
  /** Columns at which the items begin that the next line may stand in. */
  #indents: number[] = [];
  #commented = false;

  constructor(isName: (text: string) => boolean) {
    this.#isName = isName;
  }

  line(raw: string): void {
    if (this.#code !== null) {
      this.#codeLine(this.#code, raw);
      return;
    }
    const line = this.#uncommented(raw).replaceAll('\t', '    ');
    const fence = FENCE.exec(line);
    if (fence !== null) {
      this.#close();
      const language = (fence[2] ?? '').toLowerCase();
      this.#code = { fence: fence[1] ?? '', language, lines: [] };
      return;
    }
    if (line.trim() === '') {
      this.#close();
      return;
    }
    if (this.#heading(line) || this.#item(line)) return;
    if (this.#text === null) {
      if (!/^\s/u.test(line)) this.#indents = [];
      this.#text = { kind: 'paragraph', text: line.trim() };
    } else this.#text = { ...this.#text, text: `${this.#text.text}\n${line.trim()}` };
  }

  end(): readonly MarkdownBlock[] {
    if (this.#code !== null) this.#closeCode(this.#code);
    this.#close();
    return this.#blocks;
  }

  #heading(line: string): boolean {
    const atx = ATX.exec(line);
    if (atx !== null) {
      this.#push({ kind: 'heading', level: atx[1]?.length ?? 1, text: atx[2]?.trim() ?? '' });
      return true;
    }
    const underline = UNDERLINE.exec(line);
    if (underline !== null && this.#text?.kind === 'paragraph') {
      const { text } = this.#text;
      this.#text = null;
      this.#push({ kind: 'heading', level: underline[1]?.startsWith('=') === true ? 1 : 2, text });
      return true;
    }
    const last = this.#blocks.at(-1);
    if (underline !== null && this.#text === null && last?.kind === 'heading' && last.level === 7) {
      this.#blocks[this.#blocks.length - 1] = { ...last, level: 2 };
      return true;
    }
    if (RULE.test(line)) {
      this.#close();
      return true;
    }
    const bold = BOLD_LINE.exec(line);
    const name = bold?.[1] ?? bold?.[2] ?? (this.#startsBlock(line) ? line : null);
    if (name === null || !(bold !== null || this.#isName(name))) return false;
    this.#push({ kind: 'heading', level: 7, text: name.trim() });
    return true;
  }

  /** A bare name is a heading only where a paragraph could begin. */
  #startsBlock(line: string): boolean {
    return this.#text === null && !/^\s{2,}/u.test(line) && !ITEM.test(line);
  }

  #item(line: string): boolean {
    const item = ITEM.exec(line);
    if (item === null) return false;
    const indent = item[1]?.length ?? 0;
    this.#close();
    this.#indents = this.#indents.filter((outer) => outer < indent);
    this.#text = { kind: 'item', depth: this.#indents.length, text: item[2]?.trim() ?? '' };
    this.#indents.push(indent);
    return true;
  }

  #codeLine(code: OpenCode, raw: string): void {
    const closing = raw.trim();
    const isFence =
      closing.startsWith(code.fence) && closing.replaceAll(code.fence[0] ?? '', '') === '';
    if (isFence) this.#closeCode(code);
    else code.lines.push(raw);
  }

  #closeCode({ language, lines }: OpenCode): void {
    this.#code = null;
    this.#blocks.push({ kind: 'code', language, lines });
  }

  #push(block: MarkdownBlock): void {
    this.#close();
    this.#indents = [];
    this.#blocks.push(block);
  }

  #close(): void {
    if (this.#text !== null) this.#blocks.push(this.#text);
    this.#text = null;
  }

  /** The line without what is inside an HTML comment. */
  #uncommented(line: string): string {
    let rest = line;
    let kept = '';
    while (rest !== '') {
      const mark = this.#commented ? '-->' : '<!--';
      const at = rest.indexOf(mark);
      if (at === -1) {
        if (!this.#commented) kept += rest;
        break;
      }
      if (!this.#commented) kept += rest.slice(0, at);
      this.#commented = !this.#commented;
      rest = rest.slice(at + mark.length);
    }
    return kept;
  }
}
