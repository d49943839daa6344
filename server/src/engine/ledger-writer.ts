import { notifications } from '@goald/protocol';
import type { Charge } from '../goals/accounting.js';
import { warnOfBudgets } from '../goals/budget-warnings.js';
import { exhaustedInTurn } from '../goals/budget.js';
import { budgetOf } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { usdOrNull } from '../goals/money.js';
import { costOf, servedTier, type Price, type Tier } from '../goals/price.js';
import { outgoing } from '../store/outgoing.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { LedgerRecord } from '../store/repositories/ledger.js';
import type { Tx } from '../store/store.js';
import { reachBudget } from './goal-moves.js';

export interface Intent {
  readonly requestId: string;
  readonly turnId: string;
  readonly threadId: string;
  readonly goalId: string | null;
  readonly provider: string;
  readonly model: string;
  /** Tokens, corrected by the last answer's real figures. */
  readonly estimatedInput: number;
  /** The tokenizer's own count. */
  readonly countedInput: number;
  readonly purpose?: 'answer' | 'compaction';
  /** Price in force now; null: not known. It is what the request is charged by, whatever the configuration says later. */
  readonly price: Price | null;
  readonly tier: Tier;
}

export interface Settlement {
  readonly charge: Charge;
  readonly outcome: Exclude<LedgerRecord['outcome'], 'inFlight'>;
  readonly toolCalls: readonly string[];
  /** Work time since the last charge. */
  readonly workMs: number;
  /** False for a stale writer: the charge lands, the status stays. */
  readonly mayMove: boolean;
  readonly contextWindow: number | null;
  /** Tier the provider says it served; null where it said nothing. */
  readonly servedTier: string | null;
}

/** Charges every model request exactly once: the intent before it leaves, the usage after, counters in the same transaction. */
export class LedgerWriter {
  readonly #repositories: Repositories;
  readonly #goals: GoalWriter;

  constructor(repositories: Repositories, goals: GoalWriter) {
    this.#repositories = repositories;
    this.#goals = goals;
  }

  intent(tx: Tx, intent: Intent): void {
    this.#repositories.ledger.insert({
      id: intent.requestId,
      turn_id: intent.turnId,
      thread_id: intent.threadId,
      goal_id: intent.goalId,
      provider: intent.provider,
      model: intent.model,
      state: 'intent',
      purpose: intent.purpose ?? 'answer',
      outcome: 'inFlight',
      estimated_input: Math.ceil(intent.estimatedInput),
      counted_input: intent.countedInput,
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: 0,
      reasoning_tokens: 0,
      tokens: 0,
      price_json: intent.price === null ? null : JSON.stringify(intent.price),
      requested_tier: intent.tier,
      service_tier: intent.tier,
      estimated: 0,
      tool_calls_json: '[]',
      started_at_ms: tx.nowMs,
    });
  }

  /** Charges an intent. Answers whether the goal reached a budget by it. An intent already charged stays as it is. */
  settle(tx: Tx, requestId: string, settlement: Settlement): { budgetReached: boolean } {
    const intent = this.#repositories.ledger.find(requestId);
    if (intent?.state !== 'intent') return { budgetReached: false };
    const { charge } = settlement;
    const tier = servedTier(intent.requested_tier, settlement.servedTier);
    const price = intent.price_json === null ? null : (JSON.parse(intent.price_json) as Price);
    const costNano = price === null ? null : costOf(charge.usage, price, tier);
    this.#repositories.ledger.charge(intent, {
      outcome: settlement.outcome,
      input_tokens: charge.usage.input,
      cached_input_tokens: charge.usage.cachedInput,
      output_tokens: charge.usage.output,
      reasoning_tokens: charge.usage.reasoning,
      tokens: charge.tokens,
      cost_nano: costNano,
      service_tier: tier,
      estimated: charge.estimated ? 1 : 0,
      tool_calls_json: JSON.stringify(settlement.toolCalls),
      completed_at_ms: tx.nowMs,
    });
    const goal =
      intent.goal_id === null ? undefined : this.#repositories.goals.find(intent.goal_id);
    const budgetReached =
      goal !== undefined && this.#chargeGoal(tx, goal, intent, { ...settlement, costNano });
    this.#tellThread(tx, intent, settlement);
    return { budgetReached };
  }

  /** Charges work time that no request carried. */
  chargeWork(tx: Tx, goal: GoalRow, workMs: number): GoalRow {
    if (workMs === 0) return goal;
    const row = this.#goals.note(tx, goal, { time_used_ms: goal.time_used_ms + workMs }, null);
    return warnOfBudgets(this.#goals, tx, row, null);
  }

  #chargeGoal(
    tx: Tx,
    goal: GoalRow,
    intent: LedgerRecord,
    settlement: Settlement & { readonly costNano: number | null },
  ): boolean {
    const { usage, tokens, estimated } = settlement.charge;
    const { costNano } = settlement;
    const cost_nano = costNano === null ? goal.cost_nano : (goal.cost_nano ?? 0) + costNano;
    const charged = this.#goals.note(
      tx,
      goal,
      {
        tokens_used: goal.tokens_used + tokens,
        input_tokens: goal.input_tokens + usage.input,
        cached_input_tokens: goal.cached_input_tokens + usage.cachedInput,
        output_tokens: goal.output_tokens + usage.output,
        reasoning_tokens: goal.reasoning_tokens + usage.reasoning,
        time_used_ms: goal.time_used_ms + settlement.workMs,
        cost_nano,
      },
      {
        type: 'goal.usage',
        turnId: intent.turn_id,
        data: {
          requestId: intent.id,
          tokens,
          usage,
          estimated,
          outcome: settlement.outcome,
          tokensUsed: goal.tokens_used + tokens,
          timeUsedMs: goal.time_used_ms + settlement.workMs,
          costUsd: usdOrNull(cost_nano),
        },
      },
    );
    const spent = exhaustedInTurn(budgetOf(charged));
    const current = charged.ended_at_ms === null && charged.status === 'active';
    if (spent !== null && current && settlement.mayMove) {
      reachBudget(this.#goals, tx, charged, { reason: spent, turnId: intent.turn_id });
      return true;
    }
    warnOfBudgets(this.#goals, tx, charged, intent.turn_id);
    return false;
  }

  #tellThread(tx: Tx, intent: LedgerRecord, settlement: Settlement): void {
    const totals = this.#repositories.ledger.usageOfThread(intent.thread_id);
    const { usage } = settlement.charge;
    tx.tell(
      outgoing(
        notifications.threadTokenUsageUpdated,
        {
          threadId: intent.thread_id,
          turnId: intent.turn_id,
          tokenUsage: {
            total: breakdown(totals),
            last: breakdown(usage),
            modelContextWindow: settlement.contextWindow,
          },
        },
        { to: 'thread', threadId: intent.thread_id },
      ),
    );
  }
}

function breakdown(usage: {
  input: number;
  cachedInput: number;
  output: number;
  reasoning: number;
}) {
  return {
    totalTokens: usage.input + usage.output,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    cacheWriteInputTokens: 0,
    outputTokens: usage.output,
    reasoningOutputTokens: usage.reasoning,
  };
}
