import type { ThreadItem } from '@goald/protocol';
import type { Tx } from '../store/store.js';
import { STOPPED } from './approvals/approval-text.js';
import { finishedToolItem } from './item-view.js';
import type { HistoryEntry } from './ports/model.js';
import type { TurnRef, TurnStore } from './turn-store.js';

/** Ends every item of a turn that is still open: a call without an output gets `why` as its output, text stays as it came. */
export function closeOpenItems(tx: Tx, store: TurnStore, turn: TurnRef, why: string): number {
  const { items, approvals } = store.repositories;
  const open = items.open(turn.turnId);
  const asked = open.length === 0 ? [] : approvals.unsettled(turn.threadId);
  for (const row of open) {
    const isAsked = asked.some(({ item_id: itemId }) => itemId === row.id);
    const item = JSON.parse(row.wire_json) as ThreadItem;
    const history = JSON.parse(row.history_json) as HistoryEntry[];
    const calls = history.filter((entry) => entry.kind === 'toolCall');
    const outputs = calls.map((call): HistoryEntry => ({
      kind: 'toolOutput',
      callId: call.callId,
      output: isAsked ? STOPPED : why,
    }));
    const partial: HistoryEntry[] =
      (item.type === 'agentMessage' || item.type === 'plan') &&
      item.text !== '' &&
      row.request_id !== null
        ? [{ kind: 'assistant', responseId: row.request_id, text: item.text }]
        : [];
    store.completeItem(
      tx,
      turn,
      finishedToolItem(
        item,
        { output: isAsked ? STOPPED : why, success: false },
        { durationMs: 0, ran: !isAsked },
      ),
      [...history, ...outputs, ...partial],
    );
  }
  return open.length;
}
