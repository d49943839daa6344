import { notifications } from '@goald/protocol';
import type { Charge } from '../goals/accounting.js';
import { exhaustedInTurn, warningDue } from '../goals/budget.js';
import { budgetOf } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { RUNTIME_ACTOR } from '../store/mutation.js';
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
    this.#repositories.ledger.update(requestId, {
      state: 'charged',
      outcome: settlement.outcome,
      input_tokens: charge.usage.input,
      cached_input_tokens: charge.usage.cachedInput,
      output_tokens: charge.usage.output,
      reasoning_tokens: charge.usage.reasoning,
      tokens: charge.tokens,
      estimated: charge.estimated ? 1 : 0,
      tool_calls_json: JSON.stringify(settlement.toolCalls),
      completed_at_ms: tx.nowMs,
    });
    const goal =
      intent.goal_id === null ? undefined : this.#repositories.goals.find(intent.goal_id);
    const budgetReached = goal !== undefined && this.#chargeGoal(tx, goal, intent, settlement);
    this.#tellThread(tx, intent, settlement);
    return { budgetReached };
  }

  /** Charges work time that no request carried. */
  chargeWork(tx: Tx, goal: GoalRow, workMs: number): GoalRow {
    if (workMs === 0) return goal;
    return this.#goals.note(tx, goal, { time_used_ms: goal.time_used_ms + workMs }, null);
  }

  #chargeGoal(tx: Tx, goal: GoalRow, intent: LedgerRecord, settlement: Settlement): boolean {
    const { usage, tokens, estimated } = settlement.charge;
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
        },
      },
    );
    const budget = budgetOf(charged);
    const spent = exhaustedInTurn(budget);
    const current = charged.ended_at_ms === null && charged.status === 'active';
    if (spent !== null && current && settlement.mayMove) {
      reachBudget(this.#goals, tx, charged, { reason: spent, turnId: intent.turn_id });
      return true;
    }
    if (current && charged.budget_warned === 0 && warningDue(budget)) {
      this.#goals.note(
        tx,
        charged,
        { budget_warned: 1 },
        {
          type: 'goal.budgetWarning',
          turnId: intent.turn_id,
          data: { ...budget, origin: RUNTIME_ACTOR },
        },
      );
    }
    return false;
  }

  #tellThread(tx: Tx, intent: LedgerRecord, settlement: Settlement): void {
    const totals = this.#repositories.ledger.totals({ threadId: intent.thread_id });
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
