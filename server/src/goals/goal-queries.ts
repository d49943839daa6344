import {
  ProtocolError,
  type Goal,
  type GoalStatus,
  type LedgerRow,
  type ParamsOf,
  type ResultOf,
  type goalList,
  type goalUsage,
} from '@goald/protocol';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import type { LedgerRecord } from '../store/repositories/ledger.js';
import { decodeCursor, encodeCursor } from '../store/cursor.js';
import { toGoal } from './goal-record.js';
import { usdOrNull } from './money.js';
import { priceView, type Price } from './price.js';

const GOALS_A_PAGE = 50;
const LEDGER_ROWS_A_PAGE = 100;

/** Names a goal: the current one of a thread, or any by its id. */
export interface GoalRef {
  readonly threadId?: string | null | undefined;
  readonly goalId?: string | null | undefined;
}

/** Reads over goals and their ledger. */
export class GoalQueries {
  readonly #repositories: Repositories;

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  /** Throws thread_not_found and goal_not_found. */
  resolve(ref: GoalRef): GoalRow {
    if (ref.goalId != null) {
      const row = this.#repositories.goals.find(ref.goalId);
      if (row !== undefined) return row;
      throw new ProtocolError('goal_not_found', `There is no goal ${ref.goalId}.`);
    }
    const threadId = ref.threadId ?? '';
    if (this.#repositories.threads.find(threadId) === undefined) {
      throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
    }
    const row = this.#repositories.goals.current(threadId);
    if (row !== undefined) return row;
    throw new ProtocolError('goal_not_found', 'This thread has no goal: set an objective first.', {
      threadId,
    });
  }

  list(params: ParamsOf<typeof goalList>): ResultOf<typeof goalList> {
    const limit = params.limit ?? GOALS_A_PAGE;
    const cursor = params.cursor == null ? undefined : decodeCursor(params.cursor);
    const rows = this.#repositories.goals.list({
      statuses: statuses(params.status),
      cwd: params.cwd ?? undefined,
      after: cursor === undefined ? undefined : { updatedAtMs: cursor.value, goalId: cursor.id },
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((row) => ({ ...toGoal(row), cwd: row.cwd, threadName: row.thread_name })),
      nextCursor:
        rows.length > limit && last !== undefined
          ? encodeCursor(last.updated_at_ms, last.goal_id)
          : null,
    };
  }

  usage(params: ParamsOf<typeof goalUsage>): ResultOf<typeof goalUsage> {
    const goal = this.resolve(params);
    const limit = params.limit ?? LEDGER_ROWS_A_PAGE;
    const after = params.cursor == null ? 0 : decodeCursor(params.cursor).value;
    const rows = this.#repositories.ledger.ofGoal(goal.goal_id, after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const totals = this.#repositories.ledger.totals({ goalId: goal.goal_id });
    return {
      totals: {
        requests: totals.requests,
        tokens: totals.tokens,
        usage: {
          input: totals.input,
          cachedInput: totals.cachedInput,
          output: totals.output,
          reasoning: totals.reasoning,
        },
        costUsd: usdOrNull(totals.costNano),
        costNanoUsd: totals.costNano,
        unpricedRequests: totals.unpriced,
        fastRequests: totals.fast,
        estimatedRequests: totals.estimated,
        workMs: goal.time_used_ms,
        waitMs: goal.wait_ms,
      },
      data: page.map(toLedgerRow),
      nextCursor:
        rows.length > limit && last !== undefined ? encodeCursor(last.ordinal, last.id) : null,
    };
  }

  current(threadId: string): Goal | null {
    const row = this.#repositories.goals.current(threadId);
    return row === undefined ? null : this.#repositories.goals.view(row, toGoal);
  }
}

function statuses(status: GoalStatus | GoalStatus[] | null | undefined): GoalStatus[] | undefined {
  if (status == null) return undefined;
  return Array.isArray(status) ? status : [status];
}

function toLedgerRow(row: LedgerRecord): LedgerRow {
  return {
    requestId: row.id,
    turnId: row.turn_id,
    threadId: row.thread_id,
    goalId: row.goal_id,
    model: row.model,
    provider: row.provider,
    startedAtMs: row.started_at_ms,
    completedAtMs: row.completed_at_ms,
    state: row.state,
    outcome: row.outcome,
    estimatedInput: row.estimated_input,
    usage: {
      input: row.input_tokens,
      cachedInput: row.cached_input_tokens,
      output: row.output_tokens,
      reasoning: row.reasoning_tokens,
    },
    tokens: row.tokens,
    costUsd: usdOrNull(row.cost_nano),
    costNanoUsd: row.cost_nano,
    price:
      row.price_json === null
        ? null
        : priceView(JSON.parse(row.price_json) as Price, row.service_tier),
    requestedServiceTier: row.requested_tier,
    serviceTier: row.service_tier,
    estimated: row.estimated === 1,
    purpose: row.purpose,
    toolCalls: JSON.parse(row.tool_calls_json) as string[],
  };
}
