import type { Config } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Outbox } from '../events/outbox.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { Backoff } from './backoff.js';
import type { CompactionReason, Compactor } from './compactor.js';
import type { LedgerWriter } from './ledger-writer.js';
import { refusesImages } from './left-out-images.js';
import type { Clock } from './ports/clock.js';
import type { Failpoints } from './ports/failpoints.js';
import { ModelError, type AgentModel } from './ports/model.js';
import type { PreparedRequest, RequestBuilder } from './request-builder.js';
import type { Answer, RequestSettler } from './request-settler.js';
import { ResponseRecorder } from './response-recorder.js';
import type { StorePatience } from './store-patience.js';
import type { TurnStore } from './turn-store.js';

export interface ModelCallerOptions {
  readonly store: TurnStore;
  readonly outbox: Outbox;
  readonly goals: GoalWriter;
  readonly ledger: LedgerWriter;
  readonly builder: RequestBuilder;
  readonly settler: RequestSettler;
  readonly model: () => AgentModel;
  readonly backoff: Backoff;
  readonly compactor: Compactor;
  readonly patience: StorePatience;
  readonly config: () => Config;
  readonly clock: Clock;
  readonly failpoint: Failpoints;
}

/** One model request from its preflight to its charge, tried again while the failure is transient. */
export class ModelCaller {
  readonly #options: ModelCallerOptions;

  constructor(options: ModelCallerOptions) {
    this.#options = options;
  }

  /** Throws ModelError for what no retry helps, and the turn's stop reason. */
  async request(turn: ActiveTurn): Promise<Answer> {
    const { settler, backoff, patience, failpoint } = this.#options;
    const compacted = new Set<CompactionReason>();
    for (let attempt = 1; ; attempt += 1) {
      turn.signal.throwIfAborted();
      if (turn.wantsCompaction) {
        turn.wantsCompaction = false;
        if (await this.#compact(turn, 'asked', compacted)) return { kind: 'budget' };
      }
      // One that is still too large after that leaves as it is: the provider has the last word.
      const mayOverfill = compacted.has('threshold') || compacted.has('overflow');
      const prepared = await patience.run(turn, () => this.#build(turn, mayOverfill));
      if (prepared === 'budget') return { kind: 'budget' };
      if (prepared === 'overfull') {
        if (await this.#compact(turn, 'threshold', compacted)) return { kind: 'budget' };
        attempt -= 1;
        continue;
      }
      failpoint('request.beforeIntent');
      const requestId = await this.#intend(turn, prepared);
      // It does not leave: what the user said is still to be read.
      if (requestId === 'stopped' || requestId === 'outdated')
        turn.hasUnseenInput ||= prepared.unseen;
      if (requestId === 'stopped') return { kind: 'budget' };
      if (requestId === 'outdated') {
        attempt -= 1;
        continue;
      }
      failpoint('request.afterIntent');
      const recorder = this.#recorder(turn, requestId);
      const sent = { requestId, prepared, recorder };
      try {
        await this.#stream(turn, prepared, recorder);
        failpoint('request.beforeCharge');
        return await settler.answer(turn, sent);
      } catch (error) {
        const failure = error instanceof ModelError ? error : null;
        const { budgetReached } = await settler.failure(turn, sent, failure);
        turn.signal.throwIfAborted();
        if (budgetReached) return { kind: 'budget' };
        if (failure !== null && refusesImages(failure, prepared.request.history)) {
          throw await this.#leaveOutImages(turn, failure, prepared.request.model);
        }
        if (failure?.kind === 'contextOverflow' && !compacted.has('overflow')) {
          if (await this.#compact(turn, 'overflow', compacted)) return { kind: 'budget' };
          continue;
        }
        if (failure?.kind !== 'transient' || !backoff.mayRetry(turn, attempt)) throw error;
        if (this.#breaksOffAgain(turn, failure)) return { kind: 'stuck', failure };
        await backoff.wait(turn, attempt, failure);
      }
    }
  }

  /** With them in it no later request of the thread would succeed. */
  async #leaveOutImages(turn: ActiveTurn, failure: ModelError, model: string): Promise<ModelError> {
    const { store } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      store.leaveOutImages(tx, turn.threadId, 'the model could not read it');
    });
    const { kind, status } = failure;
    return new ModelError({
      ...{ kind, status },
      message: `The model ${model} refused the image: ${failure.message} It is left out from now on: describe it in words, or choose a model that reads images and send it again.`,
      cause: failure,
    });
  }

  /** Answers whether the charge for it reached a budget. */
  async #compact(
    turn: ActiveTurn,
    reason: CompactionReason,
    done: Set<CompactionReason>,
  ): Promise<boolean> {
    done.add(reason);
    const { budgetReached } = await this.#options.compactor.compact(turn, reason);
    return budgetReached;
  }

  async #build(turn: ActiveTurn, mayOverfill: boolean): ReturnType<RequestBuilder['build']> {
    const unseen = turn.hasUnseenInput;
    try {
      return await this.#options.builder.build(turn, { mayOverfill });
    } catch (error) {
      // No request carries it yet.
      turn.hasUnseenInput ||= unseen;
      throw error;
    }
  }

  /** What costs nothing is tried for as long as it lasts. Answers that break off cost each time: the brake takes them. */
  #breaksOffAgain(turn: ActiveTurn, failure: ModelError): boolean {
    if (turn.goalId === null || !failure.mayHaveCost || !failure.answerBegan) return false;
    turn.brokenAnswers += 1;
    return turn.brokenAnswers >= this.#options.config().engine.maxBrokenAnswers;
  }

  #recorder(turn: ActiveTurn, requestId: string): ResponseRecorder {
    const { store, outbox, clock } = this.#options;
    return new ResponseRecorder({ turn, requestId, store, outbox, now: () => clock.now() });
  }

  async #stream(
    turn: ActiveTurn,
    prepared: PreparedRequest,
    recorder: ResponseRecorder,
  ): Promise<void> {
    const { patience } = this.#options;
    try {
      const stream = this.#options.model().stream(prepared.request, turn.signal);
      for await (const event of stream) {
        await patience.run(turn, () => {
          recorder.take(event);
        });
      }
      turn.signal.throwIfAborted();
    } finally {
      turn.requestInFlight = null;
    }
  }

  /** Writes the intent if the goal is still to be worked on, and still the one the input was built from. */
  async #intend(turn: ActiveTurn, prepared: PreparedRequest): Promise<string> {
    const { store, ledger, model } = this.#options;
    turn.signal.throwIfAborted();
    return store.writeWhenPossible(turn, (tx) => {
      if (turn.goalId !== null) {
        const row = store.repositories.goals.current(turn.threadId);
        if (row?.goal_id !== turn.goalId || row.status !== 'active') return 'stopped';
        if (prepared.revision !== null && row.revision !== prepared.revision) return 'outdated';
        if (row.phase !== 'acting') this.#setActing(tx, turn, row);
      }
      const requestId = uuid();
      ledger.intent(tx, {
        requestId,
        turnId: turn.turnId,
        threadId: turn.threadId,
        goalId: turn.goalId,
        provider: model().provider,
        model: prepared.request.model,
        estimatedInput: prepared.estimatedInput,
        countedInput: prepared.countedInput,
        price: prepared.price,
        tier: prepared.request.serviceTier,
      });
      tx.onCommit(() => {
        turn.requestInFlight = requestId;
      });
      return requestId;
    });
  }

  #setActing(tx: Tx, turn: ActiveTurn, row: GoalRow): void {
    this.#options.goals.note(
      tx,
      row,
      { phase: 'acting', next_action_at_ms: null },
      { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'acting' } },
    );
  }
}
