import type { Constraints } from '../messages/goal.js';
import { codeSpans, itemTree, type ListItem } from './item-tree.js';
import type { MarkdownBlock } from './markdown-blocks.js';

const RULE = /^[*_]*(allow(?:ed)?|deny|denied)(?:\s+paths?)?[*_]*\s*:[*_]*\s*(.*)$/iu;
const RULE_HEADING = /^(allow(?:ed)?|deny|denied)(?:\s+paths?)?:?$/iu;
const PATHS_LABEL = /^[*_]*paths?[*_]*\s*:?[*_]*$/iu;

/** `allow:` and `deny:` lines are paths, in backticks or between commas or blanks, or listed below; everything else is a note. */
export function constraintsIn(blocks: readonly MarkdownBlock[]): Constraints {
  const found = { allow: new Set<string>(), deny: new Set<string>(), notes: new Array<string>() };
  for (const item of itemTree(headed(blocks))) read(item, found);
  return { paths: { allow: [...found.allow], deny: [...found.deny] }, notes: found.notes };
}

interface Found {
  readonly allow: Set<string>;
  readonly deny: Set<string>;
  readonly notes: string[];
}

function read({ text, items }: ListItem, found: Found): void {
  let paths: Set<string> | null = null;
  const words: string[] = [];
  for (const line of text.split('\n')) {
    const rule = RULE.exec(line);
    if (rule === null) {
      if (paths === null) words.push(line);
      else for (const path of pathsIn(line)) paths.add(path);
      continue;
    }
    paths = /^a/iu.test(rule[1] ?? '') ? found.allow : found.deny;
    for (const path of pathsIn(rule[2] ?? '')) paths.add(path);
  }
  const label = words.join(' ').trim();
  if (PATHS_LABEL.test(label)) {
    for (const item of items) read(item, found);
    return;
  }
  if (paths === null) {
    const inner = items.map(noteOf).join('; ');
    found.notes.push(inner === '' ? label : `${label.replace(/:$/u, '')}: ${inner}`);
    return;
  }
  if (label !== '') found.notes.push(label);
  for (const item of items) for (const path of pathsIn(item.text)) paths.add(path);
}

function noteOf({ text, items }: ListItem): string {
  return [text.replaceAll('\n', ' '), ...items.map(noteOf)].join('; ');
}

function pathsIn(text: string): readonly string[] {
  const spans = codeSpans(text);
  if (spans.length > 0) return spans;
  const plain = text.replaceAll(/\([^)]*\)/gu, ' ').trim();
  if (/^(?:none|nothing)\.?$/iu.test(plain)) return [];
  return plain
    .split(plain.includes(',') ? /,/u : /\s+/u)
    .map((path) => path.trim().replaceAll(/^["']|["']$/gu, ''))
    .filter((path) => path !== '');
}

/** A heading `Deny` and the list under it are an item `deny:` and what stands in it. */
function headed(blocks: readonly MarkdownBlock[]): readonly MarkdownBlock[] {
  let inside = false;
  return blocks.map((block) => {
    if (block.kind === 'heading') {
      inside = RULE_HEADING.test(block.text);
      if (!inside) return block;
      return { kind: 'item', depth: 0, text: `${block.text.replace(/:$/u, '')}:` };
    }
    if (!inside || block.kind === 'code') return block;
    const depth = block.kind === 'item' ? block.depth + 1 : 1;
    return { kind: 'item', depth, text: block.text };
  });
}
