import type { Node } from '@vscode/tree-sitter-wasm';
import type { ShellWord } from '../../engine/ports/shell-syntax.js';

const UNKNOWN: ShellWord = { text: null, isPattern: false };

/** One word as the shell passes it on, read from the node of an argument or of a command's name. */
export function wordOf(node: Node): ShellWord {
  switch (node.type) {
    case 'command_name':
      return onlyChild(node);
    case 'word':
    case 'number':
      return bareWord(node);
    case 'raw_string':
      return { text: node.text.slice(1, -1), isPattern: false };
    case 'string':
      return quoted(node);
    case 'concatenation':
      return joined(node);
    default:
      return UNKNOWN;
  }
}

function onlyChild(node: Node): ShellWord {
  const [child, ...more] = node.children;
  return child == null || more.length > 0 ? UNKNOWN : wordOf(child);
}

function bareWord(node: Node): ShellWord {
  if (node.childCount > 0) return UNKNOWN;
  const bare = node.text.replaceAll('\\\n', '');
  const unescaped = bare.replaceAll(/\\./gsu, '');
  // Braces may stand for several words, and a tilde for a home.
  if (/[{}$`"'\\]|^~/u.test(unescaped)) return UNKNOWN;
  return { text: bare.replaceAll(/\\(.)/gsu, '$1'), isPattern: /[*?[\]]/u.test(unescaped) };
}

function quoted(node: Node): ShellWord {
  const inner = node.namedChildren;
  if (inner.some((child) => child?.type !== 'string_content')) return UNKNOWN;
  const text = node.text.slice(1, -1);
  // A backslash in double quotes escapes some characters only: nobody needs that for what may run unasked.
  if (!node.text.startsWith('"') || /[\\$`]/u.test(text)) return UNKNOWN;
  return { text, isPattern: false };
}

function joined(node: Node): ShellWord {
  let text = '';
  let isPattern = false;
  let end = node.startIndex;
  for (const child of node.children) {
    if (child?.startIndex !== end) return UNKNOWN;
    const part = wordOf(child);
    if (part.text === null) return UNKNOWN;
    text += part.text;
    isPattern ||= part.isPattern;
    end = child.endIndex;
  }
  return { text, isPattern };
}
