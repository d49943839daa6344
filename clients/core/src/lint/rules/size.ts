import type { LintFinding, Subject } from '../lint.js';

const MANY_TASKS = 3;
const MANY_REQUIREMENTS = 12;
const PHASE_REQUIREMENTS = 4;

/** Words that have no end, and what would be one. */
const UNBOUNDED: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:all|every|any|each)(?: of)?(?: the| known| open| remaining| possible)? (?:bugs?|issues?|errors?|problems?|edge cases?|todos?|warnings?|vulnerabilit(?:y|ies))\b/iu,
    'Name the list they stand in, or the command that prints them, so that an empty list is the end.',
  ],
  [
    /\b(?:the )?(?:entire|whole|complete) (?:code ?base|repo(?:sitory)?|project|app(?:lication)?|system|product)\b/iu,
    'Name the folders or modules, and begin with one of them.',
  ],
  [
    /\b(?:everything|everywhere|anything|all the things)\b/iu,
    'Name what it is: folders, modules, pages. Begin with the one that matters most.',
  ],
  [
    /\bas (?:much|many|fast|good|small|well|far|soon) as (?:possible|you can)\b/iu,
    'Give the figure that is enough.',
  ],
  [
    /\b(?:from scratch|complete(?:ly)? (?:rewrite|redesign)|full rewrite)\b/iu,
    'Let the first goal be one slice that runs end to end, and the old tests its verification.',
  ],
  [
    /\b(?:continuously|forever|keep (?:on )?(?:improving|working|going|monitoring|watching|looking)|monitor|keep an eye on|from time to time)\b/iu,
    'A goal has an end. Say at which state this round is over.',
  ],
  [
    /\b(?:100 ?%|full|complete) (?:test )?coverage\b/iu,
    'Name the files whose branches matter, and the figure the coverage command must print.',
  ],
];

/** Whether it is more than one goal, or one without end; and the goals it could be instead. */
export function findSize({ prose, sections, tasks }: Subject): {
  readonly findings: readonly LintFinding[];
  readonly phases: readonly string[];
} {
  const findings: LintFinding[] = [];
  for (const [pattern, advice] of UNBOUNDED) {
    const words = pattern.exec(prose)?.[0];
    if (words === undefined) continue;
    const message = `“${words}” has no end.`;
    findings.push({ code: 'unbounded', severity: 'problem', message, advice });
  }
  const requirements = sections.requirements ?? [];
  if (tasks.length >= 2) {
    findings.push({
      code: 'several-goals',
      severity: tasks.length >= MANY_TASKS ? 'problem' : 'advice',
      message: `It asks for ${String(tasks.length)} things at once; one that fails keeps the others from being done.`,
      advice: 'Set them one after another, each with a check of its own: the phases below.',
    });
  }
  if (requirements.length > MANY_REQUIREMENTS) {
    findings.push({
      code: 'too-large',
      severity: 'problem',
      message: `It has ${String(requirements.length)} requirements; a goal of that size is hard to verify and hard to review.`,
      advice: 'Take those that can be used together first: the phases below.',
    });
  }
  const phases =
    tasks.length >= 2
      ? tasks
      : requirements.length > MANY_REQUIREMENTS
        ? inGroups(requirements).map((group) => group.join('; '))
        : [];
  return { findings, phases };
}

function inGroups(requirements: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(requirements.length / PHASE_REQUIREMENTS);
  return Array.from({ length: count }, (_, at) =>
    requirements.slice(at * PHASE_REQUIREMENTS, (at + 1) * PHASE_REQUIREMENTS),
  );
}
