import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';
import type { People } from '../ports/people.js';
import type { TurnStore } from '../turn-store.js';
import { QUESTION_METHOD, questionRequest } from './question-request.js';
import type { Question, TurnRest } from './turn-rest.js';

export interface QuestionsOptions {
  readonly store: TurnStore;
  readonly rest: TurnRest;
  readonly people: People;
}

const WHAT_CHARS = 200;

/** Asks people, in the middle of a turn, what stops the agent. */
export class Questions {
  readonly #options: QuestionsOptions;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** Asks, or answers null when it asks nothing or nobody is there to answer. */
  begin(tx: Tx, turn: ActiveTurn, blockerId: string): Question | null {
    const { store, rest, people } = this.#options;
    const row = store.repositories.blockers.find(blockerId);
    if (row?.question == null) return null;
    if (!people.isThere(turn.threadId, QUESTION_METHOD, blockerId)) return null;
    const question: Question = {
      pending: {
        requestId: blockerId,
        kind: 'question',
        what: row.question.slice(0, WHAT_CHARS),
        sinceMs: tx.nowMs,
      },
      method: QUESTION_METHOD,
      request: questionRequest(row),
      flag: 'waitingOnUserInput',
    };
    rest.begin(tx, turn, question);
    return question;
  }

  /** The answer itself comes as the user's message. Rejects with the turn's stop reason. */
  async wait(turn: ActiveTurn, question: Question): Promise<'decided' | 'nobody'> {
    const { store, rest } = this.#options;
    const end = await rest.wait(turn, question);
    await store.writeWhenPossible(turn, (tx) => {
      rest.end(tx, turn);
    });
    return end;
  }
}
