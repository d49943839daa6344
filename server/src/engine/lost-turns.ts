import { notifications } from '@goald/protocol';
import { estimatedCharge } from '../goals/accounting.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { outgoing } from '../store/outgoing.js';
import type { LedgerRecord } from '../store/repositories/ledger.js';
import type { TurnRow } from '../store/repositories/turns.js';
import type { Tx } from '../store/store.js';
import { toTurn } from '../threads/thread-record.js';
import type { LedgerWriter } from './ledger-writer.js';
import { closeOpenItems } from './open-items.js';
import type { ContextBuilder } from './ports/context.js';
import type { TurnStore } from './turn-store.js';

export interface LostTurnsOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly ledger: LedgerWriter;
  readonly context: ContextBuilder;
}

/** Settles what a turn left open when it ended without a word. */
export class LostTurns {
  readonly #options: LostTurnsOptions;

  constructor(options: LostTurnsOptions) {
    this.#options = options;
  }

  /** Figures that never came are charged by estimate: the input that was sent and the output that was stored. */
  charge(tx: Tx, intent: LedgerRecord): void {
    const { store, ledger, context } = this.#options;
    const seen = store.repositories.items
      .ofTurn(intent.turn_id)
      .filter((item) => item.request_id === intent.id)
      .map((item) => item.wire_json)
      .join('\n');
    ledger.settle(tx, intent.id, {
      charge: estimatedCharge(intent.estimated_input, seen === '' ? 0 : context.countTokens(seen)),
      outcome: 'lost',
      toolCalls: [],
      workMs: 0,
      mayMove: true,
      contextWindow: null,
      servedTier: null,
    });
  }

  /** Closes a turn that nobody runs any more; its calls without an output get `why`. */
  interrupt(tx: Tx, row: TurnRow, why: string): void {
    const { store } = this.#options;
    const { repositories } = store;
    const turn = { turnId: row.id, threadId: row.thread_id, goalId: row.goal_id };
    closeOpenItems(tx, store, turn, why);
    const goal = row.goal_id === null ? undefined : repositories.goals.find(row.goal_id);
    if (goal?.status === 'active' && goal.ended_at_ms === null) {
      // A turn that the daemon's own end cut short does not count.
      this.#options.goals.note(tx, goal, { turns_used: Math.max(0, goal.turns_used - 1) }, null);
    }
    repositories.turns.update(row.id, { status: 'interrupted', completed_at_ms: tx.nowMs });
    tx.emit({
      type: 'turn.completed',
      ...turn,
      data: {
        status: 'interrupted',
        error: null,
        progressed: false,
        durationMs: tx.nowMs - row.started_at_ms,
      },
    });
    const ended = repositories.turns.find(row.id);
    if (ended === undefined) return;
    const { threadId } = turn;
    tx.tell(
      outgoing(
        notifications.turnCompleted,
        { threadId, turn: toTurn(ended, [], 'notLoaded') },
        { to: 'thread', threadId },
      ),
    );
  }
}
