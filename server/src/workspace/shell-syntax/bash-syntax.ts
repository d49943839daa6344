import { createRequire } from 'node:module';
import type * as TreeSitter from '@vscode/tree-sitter-wasm';
import type { Node, Parser } from '@vscode/tree-sitter-wasm';
import type { ShellCommand, ShellScript, ShellSyntax } from '../../engine/ports/shell-syntax.js';
import { wordOf } from './bash-words.js';

const LONGEST = 20_000;

const NOT_UNDERSTOOD: ShellScript = { commands: [], isPlain: false };

/** What plain scripts are made of, beside commands and their words. */
const PLAIN_NODES: ReadonlySet<string> = new Set([
  'program',
  'list',
  'pipeline',
  'subshell',
  'negated_command',
  'command',
  'redirected_statement',
  'comment',
]);
const PLAIN_SIGNS: ReadonlySet<string> = new Set(['&&', '||', '|', ';', '\n', '(', ')', '!']);
const WORD_NODES: ReadonlySet<string> = new Set([
  'command_name',
  'word',
  'number',
  'raw_string',
  'string',
  'concatenation',
]);

/** Reads bash with tree-sitter. The parser is loaded when it is first needed and stays. */
export class BashSyntax implements ShellSyntax {
  readonly #onProblem: (error: unknown) => void;
  #parser: Promise<Parser | null> | undefined;

  /** `onProblem` hears, once, why nothing can be read; then nothing is understood. It must not throw. */
  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  async read(text: string): Promise<ShellScript> {
    // Control characters mean something else to a shell than to whoever reads the command.
    if (text.length > LONGEST || /[^\P{C}\n\t]/u.test(text)) return NOT_UNDERSTOOD;
    this.#parser ??= loadParser().catch((error: unknown) => {
      this.#onProblem(error);
      return null;
    });
    const tree = (await this.#parser)?.parse(text);
    if (tree == null) return NOT_UNDERSTOOD;
    try {
      const root = tree.rootNode;
      const commands = root.descendantsOfType('command').flatMap((node) => {
        return node === null ? [] : [commandOf(node)];
      });
      const isWhole = !root.hasError && root.startIndex <= leadingSpace(text);
      return { commands, isPlain: isWhole && commands.length > 0 && isPlain(root, text) };
    } finally {
      tree.delete();
    }
  }
}

async function loadParser(): Promise<Parser> {
  const require = createRequire(import.meta.url);
  // Its names cannot be imported: they are made when it runs.
  const { Language, Parser } = require('@vscode/tree-sitter-wasm') as typeof TreeSitter;
  const file = (name: string): string => require.resolve(`@vscode/tree-sitter-wasm/wasm/${name}`);
  await Parser.init({ locateFile: () => file('tree-sitter.wasm') });
  const parser = new Parser();
  parser.setLanguage(await Language.load(file('tree-sitter-bash.wasm')));
  return parser;
}

function leadingSpace(text: string): number {
  return text.length - text.trimStart().length;
}

function commandOf(node: Node): ShellCommand {
  return node.children.map((child) =>
    child !== null && WORD_NODES.has(child.type) ? wordOf(child) : { text: null, isPattern: false },
  );
}

/** Whether a node and all in it is plain, and nothing stands between its parts that the parser does not name. */
function isPlain(node: Node, text: string): boolean {
  let end = node.type === 'program' ? 0 : node.startIndex;
  for (const child of node.children) {
    const between = child === null ? null : text.slice(end, child.startIndex);
    if (child === null || between === null || !isSpace(between)) return false;
    // A line that goes on into a `#` may go on with a word: to the shell that is no comment, and what follows is run.
    if (child.type === 'comment' && between.endsWith('\\\n')) return false;
    if (!isPlainPart(node, child, text)) return false;
    end = child.endIndex;
  }
  return isSpace(text.slice(end, node.type === 'program' ? text.length : node.endIndex));
}

function isPlainPart(parent: Node, child: Node, text: string): boolean {
  if (!child.isNamed) return PLAIN_SIGNS.has(child.type);
  if (child.type === 'comment') return true;
  if (parent.type === 'command') {
    return WORD_NODES.has(child.type) && wordOf(child).text !== null;
  }
  if (child.type === 'file_redirect') return writesNothing(child);
  return PLAIN_NODES.has(child.type) && isPlain(child, text);
}

/** Blanks, ends of lines, and lines that go on. */
function isSpace(between: string): boolean {
  return /^(?:[ \t\n]|\\\n)*$/u.test(between);
}

/** `2>&1`, `> /dev/null` and `< file`: nothing of the user's is changed by them. The shell takes some files in /dev for the network. */
function writesNothing({ text }: Node): boolean {
  if (/^<[ \t]*\/+dev\/(?!null$)/u.test(text)) return false;
  return /^(?:\d?>&\d|(?:\d|&)?>>?[ \t]*\/dev\/null|<[ \t]*[\w./-]+)$/u.test(text);
}
