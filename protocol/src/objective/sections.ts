import type { Constraints, VerificationCommand } from '../messages/goal.js';
import { constraintsIn } from './constraints-section.js';
import { markdownBlocks, type MarkdownBlock } from './markdown-blocks.js';
import { requirementsIn } from './requirements-section.js';
import { commandsIn } from './verification-section.js';

/** What the sections of an objective say. A section that is not there is null; one without content is empty. */
export interface ObjectiveSections {
  readonly requirements: readonly string[] | null;
  readonly verification: readonly VerificationCommand[] | null;
  readonly constraints: Constraints | null;
  /** Lines of the Verification section that are no command. */
  readonly unreadable: readonly string[];
  /** The objective without these sections. */
  readonly rest: readonly MarkdownBlock[];
}

type SectionName = 'requirements' | 'verification' | 'constraints';

const NAMES: Readonly<Record<string, SectionName>> = {
  requirement: 'requirements',
  requirements: 'requirements',
  'acceptance criteria': 'requirements',
  'success criteria': 'requirements',
  'definition of done': 'requirements',
  verification: 'verification',
  'verification commands': 'verification',
  verify: 'verification',
  constraint: 'constraints',
  constraints: 'constraints',
};

/**
 * Reads the Requirements, Verification and Constraints sections of an objective. Headings may have any level, be underlined, bold or
 * a bare `Name:`; a section ends at a heading of its own level or above, and at the next of these names. Pure, and never throws.
 */
export function readObjective(objective: string): ObjectiveSections {
  const parts: Record<SectionName, MarkdownBlock[] | null> = {
    requirements: null,
    verification: null,
    constraints: null,
  };
  const rest: MarkdownBlock[] = [];
  let open: { readonly name: SectionName; readonly level: number } | null = null;
  for (const block of markdownBlocks(objective, (text) => isBareName(text))) {
    if (block.kind === 'heading') {
      const name = sectionName(block.text);
      if (name !== null) {
        open = { name, level: block.level };
        parts[name] ??= [];
        continue;
      }
      if (open !== null && block.level <= open.level) open = null;
    }
    if (open === null) rest.push(block);
    else parts[open.name]?.push(block);
  }
  const checks = parts.verification === null ? null : commandsIn(parts.verification);
  return {
    requirements: parts.requirements === null ? null : requirementsIn(parts.requirements),
    verification: checks === null ? null : checks.commands,
    constraints: parts.constraints === null ? null : constraintsIn(parts.constraints),
    unreadable: checks === null ? [] : checks.unreadable,
    rest,
  };
}

/** `2. **Verification:**` and `verification` are one name. */
function sectionName(heading: string): SectionName | null {
  const plain = heading
    .replaceAll(/[*_`#]/gu, '')
    .replace(/^\s*\d+[.)]\s*/u, '')
    .replace(/\s*:\s*$/u, '')
    .trim()
    .toLowerCase();
  return Object.hasOwn(NAMES, plain) ? (NAMES[plain] ?? null) : null;
}

function isBareName(line: string): boolean {
  return /^[\p{L} ]+:?\s*$/u.test(line) && sectionName(line) !== null;
}
