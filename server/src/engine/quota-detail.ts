import type { QuotaPlan } from './retry-policy.js';

/** When a usage limit ends and what goald does then, for a person. */
export function quotaDetail(plan: QuotaPlan, resetAtMs: number | null): string {
  if (resetAtMs === null) {
    return 'The provider did not say when it comes back: resume the goal yourself once it has.';
  }
  return `The provider says it comes back at ${new Date(resetAtMs).toISOString()}. ${whatThen(plan)}`;
}

function whatThen(plan: QuotaPlan): string {
  if (plan.kind === 'resume') return 'The goal goes on by itself shortly after.';
  return plan.why === 'switchedOff'
    ? 'Resume the goal yourself then: engine.autoResume is off.'
    : 'Resume the goal yourself: turn after turn it was used up at once, so goald does not try again by itself.';
}
