import { estimatedCharge, measuredCharge, noCharge, type Charge } from '../goals/accounting.js';
import { noticesOf } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { LedgerWriter } from './ledger-writer.js';
import type { ContextBuilder } from './ports/context.js';
import type { AgentModel, FinishReason, ModelError } from './ports/model.js';
import type { PreparedRequest } from './request-builder.js';
import type { ResponseRecorder } from './response-recorder.js';
import type { OpenCall, ToolRunner } from './tool-runner.js';
import type { TurnStore } from './turn-store.js';

export interface RequestSettlerOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly ledger: LedgerWriter;
  readonly model: () => AgentModel;
  readonly context: ContextBuilder;
  readonly toolRunner: ToolRunner;
}

export type Answer =
  | {
      readonly kind: 'answer';
      readonly calls: readonly OpenCall[];
      readonly finish: FinishReason | null;
      readonly saidSomething: boolean;
    }
  /** A budget is reached: no request left, or the one that left was the last. */
  | { readonly kind: 'budget' }
  /** Answers broke off again and again, and each was charged: this turn tries no more. */
  | { readonly kind: 'stuck'; readonly failure: ModelError };

/** A request that has left: what it was and what came of it so far. */
export interface SentRequest {
  readonly requestId: string;
  readonly prepared: PreparedRequest;
  readonly recorder: ResponseRecorder;
}

/** Stores what a request came to together with its charge, in one transaction. */
export class RequestSettler {
  readonly #options: RequestSettlerOptions;

  constructor(options: RequestSettlerOptions) {
    this.#options = options;
  }

  /** A whole response: its calls are stored, unless the charge reached a budget. */
  async answer(turn: ActiveTurn, { requestId, recorder, prepared }: SentRequest): Promise<Answer> {
    const { store, ledger, toolRunner } = this.#options;
    const charge = this.#chargeOf(recorder, prepared);
    return store.writeWhenPossible(turn, (tx) => {
      recorder.endOpen(tx, true);
      tx.onCommit(() => {
        turn.markAnswer();
      });
      this.#dropNotices(tx, turn, prepared);
      const calls = toolRunner.open(tx, turn, requestId, recorder.calls);
      const { budgetReached } = ledger.settle(tx, requestId, {
        charge,
        outcome: 'completed',
        toolCalls: recorder.calls.map((call) => call.name),
        workMs: turn.takeWorkIn(tx),
        mayMove: true,
        contextWindow: this.#options.model().contextWindow,
        servedTier: recorder.servedTier,
      });
      if (!budgetReached) {
        const { finish, saidSomething } = recorder;
        return { kind: 'answer', calls, finish, saidSomething };
      }
      toolRunner.decline(tx, turn, calls, 'Not run: the goal reached its budget.');
      return { kind: 'budget' };
    });
  }

  /** A request that failed or was stopped. What came of it stays to be read, but not in the history unless it was stopped. */
  async failure(
    turn: ActiveTurn,
    { requestId, recorder, prepared }: SentRequest,
    failure: ModelError | null,
  ): Promise<{ budgetReached: boolean }> {
    const { store, ledger } = this.#options;
    const aborted = turn.signal.aborted;
    const free = !aborted && failure !== null && !failure.mayHaveCost && recorder.output === '';
    return store.land(turn, (tx) => {
      const holds = store.holds(turn);
      if (holds) {
        recorder.endOpen(tx, aborted);
        if (!aborted) store.forgetResponse(tx, turn.threadId, requestId);
      }
      return ledger.settle(tx, requestId, {
        charge: free ? noCharge() : this.#chargeOf(recorder, prepared),
        outcome: aborted ? 'aborted' : free ? 'rejected' : 'cut',
        toolCalls: [],
        workMs: turn.takeWorkIn(tx),
        mayMove: holds,
        contextWindow: this.#options.model().contextWindow,
        servedTier: recorder.servedTier,
      });
    });
  }

  #chargeOf(recorder: ResponseRecorder, prepared: PreparedRequest): Charge {
    if (recorder.usage !== null) return measuredCharge(recorder.usage);
    const seen = this.#options.context.countTokens(recorder.output);
    return estimatedCharge(prepared.estimatedInput, seen);
  }

  /** The notices an answered request carried are done with; later ones stay for the next. */
  #dropNotices(tx: Tx, turn: ActiveTurn, prepared: PreparedRequest): void {
    tx.onCommit(() => {
      const rest = turn.notices.filter((notice) => !prepared.turnNotices.includes(notice));
      turn.notices.splice(0, turn.notices.length, ...rest);
    });
    if (turn.goalId === null || prepared.notices.length === 0) return;
    const { store, goals } = this.#options;
    const row = store.repositories.goals.find(turn.goalId);
    if (row === undefined) return;
    const left = noticesOf(row).filter((notice) => !prepared.notices.includes(notice));
    goals.note(tx, row, { notices_json: JSON.stringify(left) }, null);
  }
}
