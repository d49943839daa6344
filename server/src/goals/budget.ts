import type { StatusReasonCode } from '@goald/protocol';

/** The smallest output worth a request, in tokens. */
const SMALLEST_USEFUL_OUTPUT = 256;
/** Share of a budget at which the goal is warned. */
const WARNING_SHARE = 0.8;

/** What a goal may use and has used. */
export interface BudgetState {
  readonly tokenBudget: number | null;
  readonly tokenCeiling: number;
  readonly tokensUsed: number;
  readonly timeBudgetSeconds: number;
  readonly timeUsedMs: number;
  readonly maxTurns: number;
  readonly turnsUsed: number;
  readonly costBudgetUsd: number | null;
  readonly costUsd: number | null;
}

export type BudgetReason = Extract<
  StatusReasonCode,
  'tokenBudget' | 'costBudget' | 'timeBudget' | 'turnLimit'
>;

/** The token limit that applies: the user's, never above the ceiling. */
export function tokenLimit(budget: BudgetState): number {
  return Math.min(budget.tokenBudget ?? budget.tokenCeiling, budget.tokenCeiling);
}

/** The first budget that is used up while work goes on, or null. */
export function exhaustedInTurn(budget: BudgetState): BudgetReason | null {
  if (budget.tokensUsed >= tokenLimit(budget)) return 'tokenBudget';
  if (budget.timeUsedMs >= budget.timeBudgetSeconds * 1000) return 'timeBudget';
  if (
    budget.costBudgetUsd !== null &&
    budget.costUsd !== null &&
    budget.costUsd >= budget.costBudgetUsd
  ) {
    return 'costBudget';
  }
  return null;
}

/** The first budget that forbids another turn, or null. */
export function exhausted(budget: BudgetState): BudgetReason | null {
  return exhaustedInTurn(budget) ?? (budget.turnsUsed >= budget.maxTurns ? 'turnLimit' : null);
}

/** True when a warning is due: some budget has reached its share. */
export function warningDue(budget: BudgetState): boolean {
  return (
    budget.tokensUsed >= tokenLimit(budget) * WARNING_SHARE ||
    budget.timeUsedMs >= budget.timeBudgetSeconds * 1000 * WARNING_SHARE ||
    budget.turnsUsed >= budget.maxTurns * WARNING_SHARE
  );
}

export type Preflight =
  { readonly ok: true; readonly maxOutputTokens: number } | { readonly ok: false };

/**
 * Whether a request may leave, and how long its answer may be. `estimatedInput` and `cachedInput` are tokens; what was cached last time
 * is expected to be cached again and costs nothing.
 */
export function preflight(
  budget: BudgetState,
  request: { estimatedInput: number; cachedInput: number; modelMaxOutput: number },
): Preflight {
  const uncached = Math.max(0, request.estimatedInput - request.cachedInput);
  const room = tokenLimit(budget) - budget.tokensUsed - uncached;
  if (room < SMALLEST_USEFUL_OUTPUT) return { ok: false };
  return { ok: true, maxOutputTokens: Math.min(request.modelMaxOutput, room) };
}
