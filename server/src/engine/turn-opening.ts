import type { ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { HistoryEntry } from './ports/model.js';
import type { TurnStore } from './turn-store.js';
import { processReport, waitReport } from './wait-words.js';

/** What the model learns before anything else: how its waits and background processes ended while no turn ran. */
export class TurnOpening {
  readonly #store: TurnStore;
  readonly #goals: GoalWriter;

  constructor(store: TurnStore, goals: GoalWriter) {
    this.#store = store;
    this.#goals = goals;
  }

  /**
   * Ends a wait that is still open, because the goal goes on without it, and tells the model what it does not know yet, once. Answers the
   * goal as it then stands.
   */
  open(tx: Tx, turn: ActiveTurn, goal: GoalRow): GoalRow {
    const row = this.#goals.endWait(tx, goal, 'interrupted');
    const { waits, processes } = this.#store.repositories;
    for (const wait of waits.untold(goal.goal_id)) {
      const process = wait.process_id === null ? undefined : processes.find(wait.process_id);
      waits.markTold(wait.id);
      if (process !== undefined && process.ending !== null) {
        processes.update(process.id, { told: 1 });
      }
      this.#tell(tx, turn, {
        id: wait.id,
        tool: 'wait',
        args: wait.arguments_json,
        text: waitReport(wait, process),
        durationMs: (wait.ended_at_ms ?? tx.nowMs) - wait.started_at_ms,
      });
    }
    for (const process of processes.untold(goal.goal_id)) {
      processes.update(process.id, { told: 1 });
      this.#tell(tx, turn, {
        id: process.id,
        tool: 'process',
        args: JSON.stringify({ process_id: process.number, action: 'poll' }),
        text: processReport(process),
        durationMs: (process.ended_at_ms ?? tx.nowMs) - process.started_at_ms,
      });
    }
    return row;
  }

  /** As the output of a call: what a process wrote is data, and must not look like words of the user or of goald. */
  #tell(
    tx: Tx,
    turn: ActiveTurn,
    note: { id: string; tool: string; args: string; text: string; durationMs: number },
  ): void {
    const callId = `${note.tool}_${note.id}`;
    const wire: ThreadItem = {
      type: 'dynamicToolCall',
      id: uuid(),
      namespace: null,
      tool: note.tool,
      arguments: JSON.parse(note.args) as unknown,
      status: 'completed',
      contentItems: [{ type: 'inputText', text: note.text }],
      success: true,
      durationMs: Math.max(0, note.durationMs),
    };
    const history: HistoryEntry[] = [
      {
        kind: 'toolCall',
        responseId: note.id,
        callId,
        name: note.tool,
        arguments: note.args,
      },
      { kind: 'toolOutput', callId, output: note.text },
    ];
    this.#store.addItem(tx, turn, { wire, history, requestId: null });
  }
}
