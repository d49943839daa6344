import type { Actor } from '../store/mutation.js';
import type { TurnRow } from '../store/repositories/turns.js';
import type { GuardMark } from './ports/path-guard.js';
import { NO_TOOLS, type ToolSet } from './ports/tools.js';
import type { RepeatGuard } from './repeat-guard.js';
import { Tried } from './tried.js';

export const STOP_KINDS = [
  'goalStopped',
  'interrupt',
  'timeBudget',
  'shutdown',
  'threadGone',
] as const;
/** Why a turn is stopped from outside. */
export type StopKind = (typeof STOP_KINDS)[number];

/** The reason with which a turn's signal aborts. */
export class TurnStopped extends Error {
  override readonly name = 'TurnStopped';
  readonly kind: StopKind;

  constructor(kind: StopKind) {
    super(`The turn was stopped: ${kind}.`);
    this.kind = kind;
  }
}

/** What a turn is for: to work, or one thing that a user asked of the runtime. */
export type TurnTask =
  | { readonly kind: 'work' }
  | { readonly kind: 'compact' }
  | { readonly kind: 'shell'; readonly command: string; readonly timeoutMs: number };

/** A turn in flight and what the engine must remember of it while it lasts. Nothing here is needed after a crash. */
export class ActiveTurn {
  readonly turnId: string;
  readonly threadId: string;
  /** null for a turn that a user started on a thread without an active goal. */
  readonly goalId: string | null;
  readonly fence: number;
  readonly cwd: string;
  readonly startedAtMs: number;
  readonly repeats: RepeatGuard;
  readonly task: TurnTask;
  /** It looks and proposes a plan: nothing is changed, and no goal is worked on. */
  readonly plans: boolean;
  /** A user wants the history compacted before the next request. */
  wantsCompaction = false;
  /** Words of the runtime for the next request only. */
  readonly notices: string[] = [];
  readonly #tried = new Tried();
  /** What the model may call, the same over the whole turn: the requests begin with it, and providers cache what they begin with. */
  tools: ToolSet = NO_TOOLS;
  /** The model request that has left and is not answered yet. */
  requestInFlight: string | null = null;
  /** A user spoke in this turn. */
  carriesUserInput: boolean;
  /** Input came that no request has carried yet. */
  hasUnseenInput: boolean;
  /** The goal it works on has stopped, by this turn's own doing: no request follows, and nobody hears what is said to it now. */
  goalStopped = false;
  progressed = false;
  /** A whole answer came. */
  answered = false;
  /** Answers in a row that broke off and were charged. */
  brokenAnswers = 0;
  requestsSinceProgress = 0;
  /** A tool that may write ran since the tree was last looked at. */
  treeTouched = false;
  baselineTreeId: string | null = null;
  /** What path constraints are checked against; null without any. */
  guard: GuardMark | null = null;
  /** How long it has waited for people, not yet added to its goal. Milliseconds. */
  waitedMs = 0;
  /** Trees of a turn without a goal, which has no signs stored. */
  readonly seenTrees = new Set<string>();
  /** Who stopped it, where a client did that by name. */
  stoppedBy: Actor | null = null;
  readonly #beside = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #uptime: () => number;
  #accountedAtMs: number;
  #restsSinceMs: number | null = null;
  #idleCompactions: number | null = null;
  #shutDown = false;

  constructor(
    row: TurnRow,
    options: {
      cwd: string;
      carriesUserInput: boolean;
      task: TurnTask;
      plans: boolean;
      repeats: RepeatGuard;
      uptime: () => number;
    },
  ) {
    this.turnId = row.id;
    this.threadId = row.thread_id;
    this.goalId = row.goal_id;
    this.fence = row.fence;
    this.startedAtMs = row.started_at_ms;
    this.#uptime = options.uptime;
    this.#accountedAtMs = options.uptime();
    this.cwd = options.cwd;
    this.repeats = options.repeats;
    this.task = options.task;
    this.plans = options.plans;
    this.carriesUserInput = options.carriesUserInput;
    this.hasUnseenInput = options.carriesUserInput;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Something of a user's runs beside its work: the turn lasts until that is done. `work` must not reject. */
  holdFor(work: Promise<void>): void {
    const held = work.then(() => {
      this.#beside.delete(held);
    });
    this.#beside.add(held);
  }

  /** Resolves when nothing runs beside its work any more; that time is no work. */
  async besideDone(): Promise<void> {
    if (this.#beside.size === 0) return;
    this.rest();
    while (this.#beside.size > 0) await Promise.all(this.#beside);
    this.wake();
  }

  /** Why it was stopped, once it was. */
  get stopKind(): StopKind | null {
    const reason: unknown = this.signal.reason;
    return reason instanceof TurnStopped ? reason.kind : null;
  }

  /** The first reason counts. */
  stop(kind: StopKind, by: Actor | null = null): void {
    if (kind === 'shutdown') this.#shutDown = true;
    if (this.signal.aborted) return;
    this.stoppedBy = by;
    this.#abort.abort(new TurnStopped(kind));
  }

  /** The daemon stops, whatever the turn was stopped for first. */
  get isShutDown(): boolean {
    return this.#shutDown;
  }

  /** It waits, and takes nobody's place meanwhile. */
  get resting(): boolean {
    return this.#restsSinceMs !== null;
  }

  /** Work time that was not taken yet, in milliseconds. A machine that sleeps does not work. */
  pendingWorkMs(): number {
    const untilMs = this.#restsSinceMs ?? this.#uptime();
    return Math.max(0, untilMs - this.#accountedAtMs);
  }

  /** The same in a transaction: it begins anew only when that commits. */
  takeWorkIn(tx: { onCommit(callback: () => void): void }): number {
    const ms = this.pendingWorkMs();
    tx.onCommit(() => {
      this.#accountedAtMs += ms;
    });
    return ms;
  }

  /** Time from here to `wake`, such as a retry's delay, is not work. */
  rest(): void {
    this.#restsSinceMs = this.#uptime();
  }

  wake(): void {
    this.#accountedAtMs = this.#uptime() - this.pendingWorkMs();
    this.#restsSinceMs = null;
  }

  /** Compactions since the last progress, or null when neither happened in this turn. */
  get idleCompactions(): number | null {
    return this.#idleCompactions;
  }

  /** Answers how many there were before this one; `stored` is the count when the turn began. */
  countCompaction(stored: number): number {
    const before = this.#idleCompactions ?? stored;
    this.#idleCompactions = before + 1;
    return before;
  }

  markProgress(): void {
    this.#idleCompactions = 0;
    this.progressed = true;
    this.requestsSinceProgress = 0;
  }

  /** A whole answer came: it counts towards the brake until something moves. */
  markAnswer(): void {
    this.answered = true;
    this.brokenAnswers = 0;
    this.requestsSinceProgress += 1;
  }

  /** What was done, in a few words, for the reason of a stop. */
  remember(what: string): void {
    this.#tried.add(what);
  }

  /** Newest last. */
  get tried(): readonly string[] {
    return this.#tried.list();
  }
}
