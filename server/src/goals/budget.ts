import type { StatusReasonCode } from '@goald/protocol';
import { affordableOutput, type Price } from './price.js';

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
  /** Whole nanodollars. */
  readonly costBudgetNano: number | null;
  readonly costNano: number;
}

export const BUDGET_REASONS = ['tokenBudget', 'timeBudget', 'costBudget', 'turnLimit'] as const;
export type BudgetReason = Extract<StatusReasonCode, (typeof BUDGET_REASONS)[number]>;

/** The token limit that applies: the user's, never above the ceiling. */
export function tokenLimit(budget: BudgetState): number {
  return Math.min(budget.tokenBudget ?? budget.tokenCeiling, budget.tokenCeiling);
}

/** What is used of each kind of budget, and its limit: tokens, milliseconds, nanodollars, turns. No limit is null. */
function lines(
  budget: BudgetState,
): readonly { reason: BudgetReason; used: number; limit: number | null }[] {
  return [
    { reason: 'tokenBudget', used: budget.tokensUsed, limit: tokenLimit(budget) },
    { reason: 'timeBudget', used: budget.timeUsedMs, limit: budget.timeBudgetSeconds * 1000 },
    { reason: 'costBudget', used: budget.costNano, limit: budget.costBudgetNano },
    { reason: 'turnLimit', used: budget.turnsUsed, limit: budget.maxTurns },
  ];
}

/** Every budget that is used up. */
function spent(budget: BudgetState): readonly BudgetReason[] {
  return lines(budget)
    .filter(({ used, limit }) => limit !== null && used >= limit)
    .map(({ reason }) => reason);
}

/** The first budget that is used up while work goes on, or null. */
export function exhaustedInTurn(budget: BudgetState): BudgetReason | null {
  return spent(budget).find((reason) => reason !== 'turnLimit') ?? null;
}

/** The first budget that forbids another turn, or null. */
export function exhausted(budget: BudgetState): BudgetReason | null {
  return spent(budget)[0] ?? null;
}

/** The budgets that have reached the share at which the goal is warned. */
export function warningsDue(budget: BudgetState): readonly BudgetReason[] {
  return lines(budget)
    .filter(({ used, limit }) => limit !== null && used >= limit * WARNING_SHARE)
    .map(({ reason }) => reason);
}

export interface WantedRequest {
  /** Tokens of input, cached ones among them. */
  readonly estimatedInput: number;
  /** What was cached last time is expected to be cached again. */
  readonly cachedInput: number;
  readonly modelMaxOutput: number;
  /** null: not known. */
  readonly price: Price | null;
  readonly tier: string;
}

export type Preflight =
  | { readonly ok: true; readonly maxOutputTokens: number }
  | {
      readonly ok: false;
      readonly reason: 'tokenBudget' | 'costBudget';
      /** There is a cost budget, and nobody knows what the request would cost. */
      readonly unpriced: boolean;
    };

/** Whether a request may leave, and how long its answer may be, so that no budget is passed. */
export function preflight(budget: BudgetState, request: WantedRequest): Preflight {
  const uncached = Math.max(0, request.estimatedInput - request.cachedInput);
  const room = tokenLimit(budget) - budget.tokensUsed - uncached;
  if (room < SMALLEST_USEFUL_OUTPUT) return { ok: false, reason: 'tokenBudget', unpriced: false };
  const affordable = costRoom(budget, request);
  if (affordable === null) return { ok: false, reason: 'costBudget', unpriced: true };
  if (affordable < SMALLEST_USEFUL_OUTPUT) {
    return { ok: false, reason: 'costBudget', unpriced: false };
  }
  return { ok: true, maxOutputTokens: Math.min(request.modelMaxOutput, room, affordable) };
}

/** Tokens of output that the cost budget has room for; null where it cannot be said. */
function costRoom(budget: BudgetState, request: WantedRequest): number | null {
  if (budget.costBudgetNano === null) return Number.MAX_SAFE_INTEGER;
  if (request.price === null) return null;
  const left = budget.costBudgetNano - budget.costNano;
  if (left <= 0) return 0;
  const input = { input: request.estimatedInput, cachedInput: request.cachedInput };
  return affordableOutput(left, input, request.price, request.tier);
}
