import { serverRequests } from '@goald/protocol';
import { asking, type Outgoing } from '../../store/outgoing.js';
import type { BlockerRow } from '../../store/repositories/blockers.js';

export const QUESTION_METHOD = serverRequests.toolRequestUserInput.method;

/** What clients are asked for a blocker with a question; it is answered under the blocker's id. */
export function questionRequest(row: BlockerRow): Outgoing {
  const params = {
    threadId: row.thread_id,
    turnId: row.turn_id ?? row.id,
    itemId: row.item_id ?? row.id,
    questions: [
      {
        id: row.id,
        header: 'Question',
        question: row.question ?? row.summary,
        isOther: true,
        isSecret: false,
        options: null,
      },
    ],
    isBlocking: true,
    autoResolutionMs: null,
  };
  return asking(serverRequests.toolRequestUserInput, row.id, params, row.thread_id);
}
