import type { Config, ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { ActiveTurn } from './active-turn.js';
import { shortenOutputs, tailOf } from './compaction-cut.js';
import { compactedEntries, digestOf } from './compaction-text.js';
import type { ContextBuilder } from './ports/context.js';
import type { Failpoints } from './ports/failpoints.js';
import type { AgentModel, HistoryEntry } from './ports/model.js';
import type { Summary, SummaryRequest } from './summary-request.js';
import type { ThreadHistories } from './thread-histories.js';
import type { TurnStore } from './turn-store.js';

export interface CompactorOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly histories: ThreadHistories;
  readonly summaries: SummaryRequest;
  readonly context: ContextBuilder;
  readonly model: () => AgentModel;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

/** Why a history is compacted: it is about to outgrow the model's window, the provider said that it has, or a user asked for it. */
export type CompactionReason = 'threshold' | 'overflow' | 'asked';

/** The history was compacted again and again, with nothing done in between. */
export class CompactionStuckError extends Error {
  override readonly name = 'CompactionStuckError';

  constructor(times: number) {
    super(
      `The conversation outgrew the model's context window again after ${String(times)} compactions with no progress in between. Narrow the objective, or configure a model with a larger context window.`,
    );
  }
}

interface Compacted {
  readonly item: ThreadItem;
  readonly reason: CompactionReason;
  readonly by: 'model' | 'runtime';
  /** Items up to this one are replaced. */
  readonly throughOrdinal: number;
  readonly before: readonly HistoryEntry[];
  readonly after: readonly HistoryEntry[];
}

/** Share of the model's window that the newest part may keep, word for word. */
const TAIL_SHARE = 0.15;

/** Replaces the older part of what the model reads of a thread by a summary. What clients read of it stays whole. */
export class Compactor {
  readonly #options: CompactorOptions;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  /**
   * Compacts the thread of a turn, between two of its requests. The model is asked for the summary; when none comes the runtime makes
   * one from what is stored. One in which nothing was said stays as it is when a client asks. Throws CompactionStuckError, the turn's stop reason and StaleTurnError.
   */
  async compact(turn: ActiveTurn, reason: CompactionReason): Promise<{ budgetReached: boolean }> {
    const { store, histories, summaries, failpoint } = this.#options;
    if (reason !== 'asked') this.#guard(turn);
    const item: ThreadItem = { type: 'contextCompaction', id: uuid() };
    await store.writeWhenPossible(turn, (tx) => {
      store.openItem(tx, turn, { wire: item, history: [], requestId: null });
      store.tellStarted(tx, turn, item);
    });
    failpoint('compaction.opened');
    // What a user says from here on stands behind what is replaced.
    const before = histories.entries(turn.threadId);
    if (before.length === 0 && reason === 'asked') {
      await store.writeWhenPossible(turn, (tx) => {
        store.completeItem(tx, turn, item, []);
      });
      return { budgetReached: false };
    }
    const throughOrdinal = store.repositories.items.lastOrdinal(turn.threadId);
    const summary = await summaries.ask(turn, before);
    failpoint('compaction.beforeStore');
    const after = this.#replacement(before, summary);
    const by = summary.text === null ? 'runtime' : 'model';
    await this.#keep(turn, { item, reason, by, throughOrdinal, before, after });
    failpoint('compaction.stored');
    return { budgetReached: summary.budgetReached };
  }

  #guard(turn: ActiveTurn): void {
    const { store, config } = this.#options;
    const goal = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
    const before = turn.countCompaction(goal?.idle_compactions ?? 0);
    const most = config().engine.maxCompactionsWithoutProgress;
    if (before >= most) throw new CompactionStuckError(before);
  }

  #replacement(history: readonly HistoryEntry[], summary: Summary): readonly HistoryEntry[] {
    const { context, model } = this.#options;
    const tokensOf = (entries: readonly HistoryEntry[]): number => context.countEntries(entries);
    const mostTokens = Math.floor(model().contextWindow * TAIL_SHARE);
    const tail = tailOf(history, mostTokens, tokensOf);
    const older = history.slice(0, history.length - tail.length);
    return [
      ...compactedEntries(
        older,
        summary.text === null
          ? { by: 'runtime', text: digestOf(older) }
          : { by: 'model', text: summary.text },
      ),
      ...shortenOutputs(tail, mostTokens, tokensOf),
    ];
  }

  async #keep(
    turn: ActiveTurn,
    { item, reason, by, throughOrdinal, before, after }: Compacted,
  ): Promise<void> {
    const { store, goals, histories, context } = this.#options;
    const { threadId, turnId, goalId } = turn;
    await store.writeWhenPossible(turn, (tx) => {
      store.repositories.compactions.put({
        thread_id: threadId,
        through_ordinal: throughOrdinal,
        entries_json: JSON.stringify(after),
        made_at_ms: tx.nowMs,
      });
      const goal = goalId === null ? undefined : store.repositories.goals.find(goalId);
      if (goal !== undefined) {
        goals.note(tx, goal, { idle_compactions: turn.idleCompactions ?? 0 }, null);
      }
      store.completeItem(tx, turn, item, []);
      const tokensBefore = context.countEntries(before);
      const tokensAfter = context.countEntries(after);
      tx.emit({
        type: 'compaction.done',
        threadId,
        goalId,
        turnId,
        data: { itemId: item.id, reason, by, tokensBefore, tokensAfter },
      });
      tx.onCommit(() => {
        histories.forget(threadId);
      });
    });
  }
}
