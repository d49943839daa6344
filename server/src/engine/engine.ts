import type { GoalEvent } from '@goald/protocol';
import type { Committed } from '../store/outgoing.js';
import type { Store } from '../store/store.js';
import type { Repositories } from '../store/repositories/index.js';
import type { ActiveTurn } from './active-turn.js';
import type { OpenRequests } from './approvals/open-requests.js';
import type { BackgroundProcesses } from './background-processes.js';
import type { Clock } from './ports/clock.js';
import type { QuotaResets } from './quota-resets.js';
import type { Recovery } from './recovery.js';
import type { RunningTurns } from './running-turns.js';
import type { Scheduler } from './scheduler.js';
import type { ThreadHistories } from './thread-histories.js';
import { TurnDeadline } from './turn-deadline.js';
import type { TurnClaim } from './turn-claim.js';
import type { TurnRunner } from './turn-runner.js';
import type { WaitFires } from './wait-fires.js';
import type { Watchdog } from './watchdog.js';

export interface EngineOptions {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly running: RunningTurns;
  readonly histories: ThreadHistories;
  readonly claim: TurnClaim;
  readonly runner: TurnRunner;
  readonly recovery: Recovery;
  readonly quotaResets: QuotaResets;
  readonly waits: WaitFires;
  readonly background: BackgroundProcesses;
  readonly requests: OpenRequests;
  readonly clock: Clock;
  readonly onIncident: (error: unknown, where: string) => string;
  /** Built with the engine's own claim and start. */
  readonly scheduler: (engine: Pick<Engine, 'claim' | 'start'>) => Scheduler;
  readonly watchdog: (scheduler: Scheduler) => Watchdog;
}

/** Keeps turns going while goals are active, and stops them when they are not. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #scheduler: Scheduler;
  readonly #watchdog: Watchdog;
  readonly #deadlines = new Map<string, TurnDeadline>();
  #stopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler(this);
    this.#watchdog = options.watchdog(this.#scheduler);
  }

  /** Puts the store of an earlier daemon in order. Before anything else. */
  async recover(): Promise<void> {
    await this.#options.recovery.run();
  }

  /** Goes on with every active goal, and with those that wait for a usage limit to end. */
  open(): void {
    this.#options.waits.open();
    this.#scheduler.open();
    this.#watchdog.start();
    this.#options.quotaResets.open();
    for (const threadId of this.#options.repositories.approvals.due()) this.#goOn(threadId);
  }

  /** Stops giving turns and interrupts those in flight; goals stay active and go on after the next start. */
  async end(): Promise<void> {
    this.#stopping = true;
    this.#scheduler.close();
    this.#watchdog.stop();
    this.#options.quotaResets.close();
    const { running, background, waits } = this.#options;
    await running.stopAll('shutdown');
    await background.endAll();
    waits.close();
  }

  /** A goal that is resumed while what it left running is being ended starts when that is dead. */
  claim(threadId: string): ActiveTurn | null {
    const { repositories, background } = this.#options;
    const goal = repositories.goals.current(threadId);
    if (goal !== undefined && background.isEnding(goal.goal_id)) return null;
    return this.#options.store.write((tx) => this.#options.claim.claimForGoal(tx, threadId));
  }

  /** Runs a claimed turn. */
  start(turn: ActiveTurn): void {
    const { running, runner, repositories, clock } = this.#options;
    const deadline = new TurnDeadline(turn, repositories.goals, clock);
    this.#deadlines.set(turn.turnId, deadline);
    running.add(
      turn,
      () => runner.run(turn),
      () => {
        deadline[Symbol.dispose]();
        this.#deadlines.delete(turn.turnId);
        this.#ended(turn);
      },
    );
    if (this.#stopping) turn.stop('shutdown');
  }

  /** A turn waits and takes no place. */
  placeFreed(): void {
    this.#scheduler.freed();
  }

  /** What follows a turn. Must not throw: nobody is there to hear it. */
  #ended(turn: ActiveTurn): void {
    const { repositories, histories, onIncident } = this.#options;
    const { threadId } = turn;
    try {
      if (repositories.goals.current(threadId)?.status !== 'active') histories.forget(threadId);
      this.#answerUnseen(turn);
      if (!turn.signal.aborted) this.#goOn(threadId);
      this.#scheduler.consider(threadId);
      this.#scheduler.freed();
    } catch (error) {
      onIncident(error, 'after a turn');
    }
  }

  /** What a user said while the turn was ending gets a turn of its own, unless the user also stopped it. */
  #answerUnseen(turn: ActiveTurn): void {
    if (!turn.hasUnseenInput || turn.signal.aborted || this.#stopping) return;
    const { store, claim } = this.#options;
    const next = store.write((tx) => claim.claimForUnseenInput(tx, turn.threadId));
    if (next !== null) this.start(next);
  }

  /** What people decided after the turn that asked had ended is done in a turn of its own, where no goal's next turn does it. */
  #goOn(threadId: string): void {
    const { store, claim, running } = this.#options;
    if (this.#stopping || running.get(threadId) !== undefined) return;
    const next = store.write((tx) => claim.claimForApproved(tx, threadId));
    if (next !== null) this.start(next);
  }

  #guardedGoOn(threadId: string): void {
    try {
      this.#goOn(threadId);
    } catch (error) {
      this.#options.onIncident(error, 'after a decision');
    }
  }

  /** Stops the turn of a thread that is put away or removed. */
  async stopThread(threadId: string): Promise<void> {
    const { running, background } = this.#options;
    await running.stop(threadId, 'threadGone');
    await background.endThread(threadId);
  }

  hear(committed: Committed): void {
    for (const event of committed.events) {
      this.#options.requests.hear(event);
      this.#obey(event);
    }
    this.#options.waits.hear(committed);
    this.#scheduler.hear(committed);
    this.#options.quotaResets.hear(committed);
  }

  /** What a user said to the goal meanwhile is heard by its turn in flight, unless that is being stopped: then by the next. */
  #tell(turn: ActiveTurn): void {
    const { store, repositories, claim } = this.#options;
    if (turn.signal.aborted || turn.goalStopped) return;
    store.write((tx) => {
      if (repositories.turns.find(turn.turnId)?.status === 'inProgress') claim.deliver(tx, turn);
    });
  }

  /** A turn goes on only while the goal it works on is active, unless the turn itself moved it. */
  #obey(event: GoalEvent): void {
    if (event.threadId === null) return;
    if (event.goalId !== null && isStop(event)) {
      this.#endBackground(event.threadId, event.goalId);
    }
    const turn = this.#options.running.get(event.threadId);
    if (event.type === 'approval.decided') this.#decided(event.threadId, event, turn);
    // Stopped between two turns: nobody reads its history before the next one.
    if (turn === undefined && isStop(event)) this.#options.histories.forget(event.threadId);
    if (turn?.goalId == null || event.goalId !== turn.goalId) return;
    if (event.type === 'blocker.resolved' || event.type === 'proposal.decided') this.#tell(turn);
    if (event.type === 'goal.edited') {
      turn.markProgress();
      this.#deadlines.get(turn.turnId)?.look();
    }
    if (!isStop(event)) return;
    if (event.turnId === turn.turnId) turn.goalStopped = true;
    else turn.stop('goalStopped');
  }

  /** A cancel stops the turn that asks; a turn that has ended is followed by one that hears of it. */
  #decided(threadId: string, { turnId, data }: GoalEvent, turn: ActiveTurn | undefined): void {
    if (turn?.turnId === turnId && data['decision'] === 'cancel') turn.stop('interrupt');
    else if (turn === undefined)
      setImmediate(() => {
        this.#guardedGoOn(threadId);
      });
  }

  /** Nobody waits for it here: the turn that ends with the goal does. */
  #endBackground(threadId: string, goalId: string): void {
    const { background, onIncident } = this.#options;
    background
      .endGoal(goalId)
      .then(() => {
        this.#scheduler.consider(threadId);
      })
      .catch((error: unknown) => {
        onIncident(error, 'background processes');
      });
  }
}

function isStop({ type, data }: GoalEvent): boolean {
  return type === 'goal.cleared' || (type === 'goal.statusChanged' && data['to'] !== 'active');
}
