import type { MarkdownBlock } from './markdown-blocks.js';

/** An item of a list and what stands in it; a paragraph is an item of its own. */
export interface ListItem {
  readonly text: string;
  readonly items: readonly ListItem[];
}

interface OpenItem {
  readonly text: string;
  readonly items: OpenItem[];
}

/** The lists and paragraphs of a section as a tree. Checkboxes and numbers are gone; code blocks and headings are left out. */
export function itemTree(blocks: readonly MarkdownBlock[]): readonly ListItem[] {
  const roots: OpenItem[] = [];
  let path: OpenItem[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') path = [];
    if (block.kind !== 'item' && block.kind !== 'paragraph') continue;
    const item: OpenItem = { text: withoutBox(block.text), items: [] };
    const depth = block.kind === 'item' ? block.depth : 0;
    path = path.slice(0, depth);
    (path.at(-1)?.items ?? roots).push(item);
    path.push(item);
  }
  return roots;
}

/** Texts between backticks. */
export function codeSpans(text: string): readonly string[] {
  return [...text.matchAll(/(`+)(.+?)\1(?!`)/gu)]
    .map((match) => (match[2] ?? '').trim())
    .filter((code) => code !== '');
}

/** A text without its backticked parts. */
export function withoutCode(text: string): string {
  return text.replaceAll(/(`+)(.+?)\1(?!`)/gu, ' ');
}

function withoutBox(text: string): string {
  return text.replace(/^\[[ xX]\]\s+/u, '').trim();
}
