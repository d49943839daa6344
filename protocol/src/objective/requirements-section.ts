import { itemTree, type ListItem } from './item-tree.js';
import type { MarkdownBlock } from './markdown-blocks.js';

/** One requirement an item of the list, or a paragraph where there is no list; what stands in an item belongs to it. */
export function requirementsIn(blocks: readonly MarkdownBlock[]): readonly string[] {
  const listed = blocks.some((block) => block.kind === 'item');
  // What stands around a list leads to it or comments on it.
  const read = listed ? blocks.filter((block) => block.kind !== 'paragraph') : blocks;
  return itemTree(read)
    .map(textOf)
    .filter((text) => text !== '');
}

function textOf({ text: lines, items }: ListItem): string {
  const text = lines.replaceAll('\n', ' ');
  const inner = items.map(textOf).filter((part) => part !== '');
  if (inner.length === 0) return text;
  return text === '' ? inner.join('; ') : `${text.replace(/:$/u, '')}: ${inner.join('; ')}`;
}
