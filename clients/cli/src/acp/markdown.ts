import { clean } from '../output/text.js';

/** A text that stays as it is in Markdown: between fences longer than any in it. */
export function fenced(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/gu), ([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${clean(text).trimEnd()}\n${fence}`;
}

/** Lines that goald says itself, set apart from what the agent says. */
export function quoted(lines: readonly string[]): string {
  return lines.map((line) => `> ${line}`).join('  \n');
}
