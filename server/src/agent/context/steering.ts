import type { Goal } from '@goald/protocol';
import { budgetLines } from './budget-lines.js';
import { byteLength, fitLine, fitList, headOf } from './fit-text.js';

/** Most bytes a steering item has beside the objective. */
export const STEERING_MAX_BYTES = 1536;

/** The texts steering is made from, with `{{objective}}`, `{{status}}` and `{{details}}` as places to fill. */
export interface SteeringTemplates {
  readonly active: string;
  readonly resting: string;
}

/**
 * The short item at the tail of a request: goal, limits and what the runtime has to say now. At most STEERING_MAX_BYTES bytes
 * beside the objective, always the same for the same input; null when there is nothing to say.
 */
export function renderSteering(
  templates: SteeringTemplates,
  input: { goal: Goal | null; notices: readonly string[]; canReadGoal: boolean },
): string | null {
  const { goal, notices } = input;
  const where = input.canReadGoal ? ', see get_goal' : '';
  if (goal === null) {
    const text = noticeList(notices, STEERING_MAX_BYTES);
    return text === '' ? null : text;
  }
  const template = goal.status === 'active' ? templates.active : templates.resting;
  const frame = fill(template, { objective: '', status: goal.status, details: '' });
  // One byte for the line break that an empty place at the end loses.
  const room = STEERING_MAX_BYTES - byteLength(frame) - 1;
  return fill(template, {
    objective: fenced(goal.objective),
    status: goal.status,
    details: details(goal, notices, where, room),
  });
}

/** Sections in the order they are read. Room is given to the short and urgent ones first, the requirements get what is left. */
function details(goal: Goal, notices: readonly string[], where: string, room: number): string {
  const active = goal.status === 'active';
  let left = room;
  const take = (most: number, make: (maxBytes: number) => string): string => {
    const text = make(Math.min(most, left - 1));
    if (text !== '') left -= byteLength(text) + 1;
    return text;
  };
  const list = (title: string, items: readonly string[], most: number): string =>
    take(most, (maxBytes) => fitList({ title, items, maxBytes, maxItemBytes: 160, where }));

  const budget = active ? take(400, (maxBytes) => headOf(budgetLines(goal), maxBytes)) : '';
  const notice = take(360, (maxBytes) => noticeList(notices, maxBytes));
  if (!active) return join([notice]);
  const constraints = list('Constraints:', constraintLines(goal), 260);
  const checks = list(
    'Verification, run by the daemon on completion:',
    goal.verification.map((command) => command.name),
    180,
  );
  const progress =
    goal.progress === null
      ? ''
      : take(180, (maxBytes) => fitLine(`Progress so far: ${progressText(goal)}`, maxBytes));
  const requirements = list('Requirements, all of them:', goal.requirements, room);
  return join([requirements, constraints, checks, progress, budget, notice]);
}

function progressText(goal: Goal): string {
  const percent = goal.progress?.percent ?? null;
  return `${percent === null ? '' : `${String(percent)} %, `}${goal.progress?.summary ?? ''}`;
}

function constraintLines(goal: Goal): readonly string[] {
  const { paths, notes } = goal.constraints;
  return [
    ...(paths.deny.length > 0 ? [`never touch: ${paths.deny.join(' ')}`] : []),
    ...(paths.allow.length > 0 ? [`change only: ${paths.allow.join(' ')}`] : []),
    ...notes,
  ];
}

function noticeList(notices: readonly string[], maxBytes: number): string {
  return fitList({ title: 'Notice:', items: notices, maxBytes, maxItemBytes: 300, where: '' });
}

function join(sections: readonly string[]): string {
  return sections.filter((section) => section !== '').join('\n');
}

// Same length as before, so that the objective costs no byte more than it has.
function fenced(objective: string): string {
  return objective.replace(/<\/(\s*objective)/gi, '<\\$1');
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '').trimEnd();
}
