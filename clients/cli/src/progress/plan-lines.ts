import { PLAN_STEP_STATUSES, type PlanStep } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import type { EventData } from './event-data.js';
import type { TranscriptLine } from './view.js';

/** The steps an event carries. */
export function planOf(data: EventData): readonly PlanStep[] {
  return data.list('steps').map((step) => ({
    step: oneLine(step.text('step') ?? ''),
    status: PLAN_STEP_STATUSES.find((status) => status === step.text('status')) ?? 'pending',
  }));
}

/** What is new in a plan: all of it the first time or when it was rewritten, else the steps that were ticked. */
export function planLines(
  before: readonly PlanStep[],
  after: readonly PlanStep[],
): readonly TranscriptLine[] {
  const known = new Map(before.map(({ step, status }) => [step, status]));
  if (after.some(({ step }) => !known.has(step))) {
    return [{ kind: 'head', text: 'plan', detail: after.map(planStepText) }];
  }
  return after
    .filter(({ step, status }) => status === 'completed' && known.get(step) !== 'completed')
    .map(({ step }) => ({ kind: 'ok', text: `plan: ${step}` }));
}

/** A step with its tick box. */
export function planStepText(step: PlanStep): string {
  const box = { pending: '[ ]', inProgress: '[▸]', completed: '[✓]' }[step.status];
  return `${box} ${oneLine(step.step)}`;
}
