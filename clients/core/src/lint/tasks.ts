import type { MarkdownBlock } from '@goald/protocol';

const VERBS =
  'add|allow|automate|build|bump|change|clean up|configure|convert|create|deploy|design|develop|document|drop|enable|' +
  'expose|extend|extract|fix|generate|handle|implement|improve|integrate|introduce|investigate|make|merge|migrate|modernise|' +
  'modernize|move|optimise|optimize|port|prepare|provide|publish|refactor|release|remove|rename|replace|restructure|rewrite|' +
  'set up|setup|simplify|solve|speed up|split|support|switch|translate|update|upgrade|write';
const TASK = new RegExp(`^(?:please\\s+)?(?:also\\s+)?(?:${VERBS})\\b`, 'iu');
/** Where one task may end and the next begin. */
const SEAM = new RegExp(
  `(?<=[\\w)"\`’'])(?:[.;!]\\s+|\\n+|,\\s*(?:and\\s+)?(?:then\\s+|also\\s+)?(?=(?:${VERBS})\\b)|\\s+(?:and(?:\\s+then|\\s+also)?|then|plus|as well as)\\s+(?=(?:${VERBS})\\b))`,
  'giu',
);
/** Work that belongs to other work. */
const COMPANION =
  /^(?:please\s+)?(?:also\s+)?(?:(?:add|write|update|create|extend|fix|make)\s+(?:\w+\s+){0,3}?(?:tests?|specs?|docs?|documentation|readme|changelog|comments?|types?)\b|document\b|make (?:sure|all|the tests|them|it)\b|clean up\b|remove (?:the )?(?:old|unused|dead|obsolete)\b|handle\b)/iu;

/** What an objective asks to be done, one entry a task, in its own words. What only goes with a task is left out. */
export function tasksIn(blocks: readonly MarkdownBlock[]): readonly string[] {
  const texts = blocks.flatMap((block) => {
    if (block.kind === 'item') return block.depth === 0 ? [block.text] : [];
    return block.kind === 'paragraph' ? [block.text] : [];
  });
  return texts
    .flatMap((text) => text.split(SEAM))
    .map((part) =>
      part
        .replaceAll('\n', ' ')
        .replace(/^\[[ xX]\]\s+/u, '')
        .replace(/^(?:then|also|and|next|finally|after that)[,\s]+/iu, '')
        .replace(/[.;,!\s]+$/u, '')
        .trim(),
    )
    .filter((part) => TASK.test(part) && !COMPANION.test(part));
}
