import type { Config } from '@goald/protocol';
import type { GoalRepository } from '../store/repositories/goals.js';
import { StoreUnavailableError } from '../store/store-fault.js';
import { TurnStopped, type ActiveTurn } from './active-turn.js';
import { sleepUntil } from './backoff.js';
import { CompactionStuckError, type Compactor } from './compactor.js';
import { CUT_ANSWER_NOTICE, EMPTY_ANSWER_NOTICE } from './continuation.js';
import type { ModelCaller } from './model-caller.js';
import type { Clock } from './ports/clock.js';
import { ModelError } from './ports/model.js';
import type { ToolSource } from './ports/tools.js';
import type { ToolRunner } from './tool-runner.js';
import type { TreeWatch } from './tree-watch.js';
import { contextTurnError, internalTurnError, turnErrorOf } from './turn-errors.js';
import type { TurnFinisher, TurnOutcome } from './turn-finisher.js';
import type { StorePatience } from './store-patience.js';
import { StaleTurnError } from './turn-store.js';
import type { UserCommand, UserShell } from './user-shell.js';

export interface TurnRunnerOptions {
  readonly models: ModelCaller;
  readonly offered: ToolSource;
  readonly tools: ToolRunner;
  readonly trees: TreeWatch;
  readonly compactor: Compactor;
  readonly userShell: UserShell;
  readonly finisher: TurnFinisher;
  readonly patience: StorePatience;
  readonly goals: GoalRepository;
  readonly clock: Clock;
  readonly config: () => Config;
  /** An error that is nobody's but ours. Answers the incident's id. */
  readonly onIncident: (error: unknown, where: string) => string;
}

const COMPLETED: TurnOutcome = {
  revision: null,
  status: 'completed',
  error: null,
  goalEffect: null,
  stuck: false,
  judged: true,
};
const OVERFLOW_DETAIL =
  'What this thread holds no longer fits the window of the model: set the goal on a new thread, or choose a model with a larger window.';
const FINISH_AGAIN_MS = 250;
const FINISH_AGAIN_MOST_MS = 10_000;
const TRIES_AT_SHUTDOWN = 3;

const STUCK: TurnOutcome = { ...COMPLETED, stuck: true };
/** A budget that caused the stop is judged when the turn is closed, by what the goal then says. */
const INTERRUPTED: TurnOutcome = { ...COMPLETED, status: 'interrupted', judged: false };

/** Runs one claimed turn to its end: request, tools, request … */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong is stored with the turn, or logged when the turn is no longer ours. */
  async run(turn: ActiveTurn): Promise<void> {
    let outcome: TurnOutcome;
    try {
      outcome = await this.#rounds(turn);
    } catch (error) {
      outcome = this.#outcomeOf(turn, error);
    }
    await turn.besideDone();
    await this.#finish(turn, outcome);
  }

  /** Runs a command of the user beside what the turn does, which ends no sooner. Never throws. */
  runBeside(turn: ActiveTurn, command: UserCommand): void {
    const { userShell, onIncident } = this.#options;
    const run = async (): Promise<void> => {
      try {
        await userShell.run(turn, command);
      } catch (error) {
        // What stopped the turn ends what runs beside it.
        if (error instanceof TurnStopped || error instanceof StaleTurnError) return;
        if (!(error instanceof StoreUnavailableError)) onIncident(error, 'command of a user');
      }
    };
    turn.holdFor(run());
  }

  /** A turn that cannot be stored as ended, on a full disk say, is tried again: left open it would hold its thread for ever. */
  async #finish(turn: ActiveTurn, outcome: TurnOutcome): Promise<void> {
    const { finisher, patience, clock, onIncident } = this.#options;
    let revision: number | null | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        revision ??= this.#revision(turn);
        const ended = { ...outcome, revision };
        await patience.land(turn, () => finisher.finish(turn, ended));
        return;
      } catch (error) {
        if (error instanceof StaleTurnError) return;
        // The store was given its time, or is damaged: the next start puts it in order.
        if (error instanceof StoreUnavailableError) return;
        onIncident(error, 'turn end');
        if (turn.isShutDown && attempt >= TRIES_AT_SHUTDOWN) return;
      }
      const delayMs = Math.min(FINISH_AGAIN_MS * attempt, FINISH_AGAIN_MOST_MS);
      await sleepUntil(clock, clock.now() + delayMs, new AbortController().signal);
    }
  }

  #revision(turn: ActiveTurn): number | null {
    if (turn.goalId === null) return null;
    return this.#options.goals.find(turn.goalId)?.revision ?? null;
  }

  async #rounds(turn: ActiveTurn): Promise<TurnOutcome> {
    const { compactor, offered, userShell } = this.#options;
    const { task } = turn;
    if (task.kind === 'shell') {
      await userShell.run(turn, task);
      if (!turn.hasUnseenInput) return COMPLETED;
    }
    turn.tools = await offered.forTurn(turn);
    if (task.kind === 'compact') await compactor.compact(turn, 'asked');
    return task.kind === 'work' || turn.hasUnseenInput ? this.#work(turn) : COMPLETED;
  }

  async #work(turn: ActiveTurn): Promise<TurnOutcome> {
    const { models, tools, trees, config } = this.#options;
    if (!turn.plans) await tools.runApproved(turn);
    for (;;) {
      const answer = await models.request(turn);
      if (answer.kind === 'budget') return COMPLETED;
      if (answer.kind === 'stuck') {
        turn.remember(`the answer broke off: ${answer.failure.message}`);
        return { ...STUCK, status: 'failed', error: turnErrorOf(answer.failure) };
      }
      if (answer.calls.length === 0) {
        if (turn.hasUnseenInput) continue;
        if (answer.finish === 'length') turn.notices.push(CUT_ANSWER_NOTICE);
        else if (!answer.saidSomething) turn.notices.push(EMPTY_ANSWER_NOTICE);
        return COMPLETED;
      }
      const round = await tools.run(turn, answer.calls);
      await trees.check(turn);
      if (round.endsTurn && !turn.hasUnseenInput) return COMPLETED;
      if (round.stuck) return STUCK;
      if (turn.requestsSinceProgress >= config().engine.maxRequestsWithoutProgress) return STUCK;
      if (turn.goalId === null && !turn.plans && this.#goalWaits(turn.threadId)) return COMPLETED;
    }
  }

  /** A goal was set behind a turn that does not work on it: it gets a turn of its own. */
  #goalWaits(threadId: string): boolean {
    const { goals, config } = this.#options;
    return config().features.goals && goals.current(threadId)?.status === 'active';
  }

  #outcomeOf(turn: ActiveTurn, error: unknown): TurnOutcome {
    const { turnId } = turn;
    if (error instanceof TurnStopped) return INTERRUPTED;
    if (error instanceof StaleTurnError) return INTERRUPTED;
    // Nobody's fault but the disk's: the goal goes on with another turn.
    if (error instanceof StoreUnavailableError) return INTERRUPTED;
    if (error instanceof ModelError) return failedOutcome(error, turnId);
    if (error instanceof CompactionStuckError) {
      const cause = { code: 'noProgress', message: error.message, turnId } as const;
      return {
        ...COMPLETED,
        status: 'failed',
        error: contextTurnError(error.message),
        goalEffect: { trigger: 'stopped', cause },
      };
    }
    const incidentId = this.#options.onIncident(error, 'turn');
    const failure = internalTurnError(incidentId);
    return {
      ...COMPLETED,
      status: 'failed',
      error: failure,
      goalEffect: {
        trigger: 'stopped',
        cause: { code: 'turnError', message: failure.message, turnId },
      },
    };
  }
}

function failedOutcome(failure: ModelError, turnId: string): TurnOutcome {
  const { message, resetAtMs } = failure;
  const quota = failure.kind === 'quota';
  const detail = failure.kind === 'contextOverflow' ? OVERFLOW_DETAIL : null;
  return {
    ...COMPLETED,
    status: 'failed',
    error: turnErrorOf(failure),
    goalEffect: quota
      ? { trigger: 'quotaError', cause: { code: 'usageLimit', message, turnId }, resetAtMs }
      : { trigger: 'stopped', cause: { code: 'turnError', message, detail, turnId } },
  };
}
