import type { Config, GoalWait } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { GoalWriter } from '../goals/goal-writer.js';
import { sign } from '../goals/progress.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { ProcessRow } from '../store/repositories/processes.js';
import type { WaitRow } from '../store/repositories/waits.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import type { BackgroundCommand, BackgroundProcesses } from './background-processes.js';
import type {
  BackgroundControl,
  BackgroundProcess,
  WaitReply,
  WaitRequest,
} from './ports/background.js';
import type { Clock } from './ports/clock.js';
import type { Failpoints } from './ports/failpoints.js';
import type { FileWatch } from './ports/file-watch.js';
import type { TurnStore } from './turn-store.js';
import { waitLimit } from './wait-request.js';
import { durationWords, endingWords, processWords, waitReport } from './wait-words.js';

export interface TurnBackgroundOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly processes: BackgroundProcesses;
  readonly files: FileWatch;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

type WaitTarget = Pick<WaitRow, 'kind' | 'what' | 'process_id' | 'path' | 'stamp'>;

/** What a wait is for, and whether that has happened already. */
interface Aim {
  readonly target: WaitTarget;
  /** Equal for waits that are the same to the progress brake. */
  readonly sign: string;
  readonly process: ProcessRow | undefined;
  readonly over: WaitRow['result'];
}

const LISTED = 20;
/** File times lag behind the clock by a tick of the kernel. A change told twice is better than one never told. */
const FILE_TIME_LAG_MS = 10;

const refused = (text: string): WaitReply => ({ text, success: false, waits: false });

/** Time and background processes as the model may use them in one turn and one call. */
export class TurnBackground implements BackgroundControl {
  readonly #options: TurnBackgroundOptions;
  readonly #turn: ActiveTurn;
  readonly #itemId: string;

  constructor(options: TurnBackgroundOptions, turn: ActiveTurn, itemId: string) {
    this.#options = options;
    this.#turn = turn;
    this.#itemId = itemId;
  }

  wait(request: WaitRequest, args: unknown): WaitReply {
    const { store, clock, config, failpoint } = this.#options;
    const limit = waitLimit(request, clock.now(), config().engine.maxWaitSeconds * 1000);
    if (!limit.ok) return refused(`wait: ${limit.problem}`);
    const goal = store.repositories.goals.current(this.#turn.threadId);
    if (goal?.goal_id !== this.#turn.goalId || goal.status !== 'active') {
      return refused('wait: only an active goal waits, and this turn works on none.');
    }
    if (this.#turn.hasUnseenInput)
      return refused('Not waiting: the user has just spoken. Answer that first.');
    const open = store.repositories.waits.open(goal.goal_id);
    if (open !== undefined) {
      return refused(
        `wait: the goal waits for ${open.what} already, and for one thing at a time. The turn ends now; call wait again when that is over.`,
      );
    }
    const aim = this.#aim(request, limit.untilMs - clock.now());
    if (typeof aim === 'string') return refused(`wait: ${aim}`);
    const isLimited = request.seconds !== undefined || request.until !== undefined;
    const reply = store.write(this.#turn, (tx) => {
      const wait = this.#insert(tx, aim, limit.untilMs, args);
      return aim.over === null
        ? this.#begin(tx, goal, wait, aim, isLimited)
        : this.#overAtOnce(tx, wait, aim);
    });
    if (reply.waits) failpoint('wait.stored');
    return reply;
  }

  async start(command: BackgroundCommand): Promise<BackgroundProcess> {
    return view(await this.#options.processes.start(this.#turn, command));
  }

  find(number: number): BackgroundProcess | undefined {
    const row = this.#row(number);
    return row === undefined ? undefined : view(row);
  }

  running(): readonly BackgroundProcess[] {
    const { processes } = this.#options.store.repositories;
    return processes
      .ofThread(this.#turn.threadId, LISTED)
      .filter((row) => row.ending === null)
      .reverse()
      .map(view);
  }

  polled(number: number, bytes: number): void {
    const { store } = this.#options;
    store.write(this.#turn, () => {
      const row = this.#row(number);
      if (row === undefined) return;
      const told = row.ending === null ? {} : { told: 1 };
      store.repositories.processes.update(row.id, { polled_bytes: bytes, ...told });
    });
  }

  async kill(number: number): Promise<BackgroundProcess | undefined> {
    const row = this.#row(number);
    if (row === undefined) return undefined;
    await this.#options.processes.kill(row.id);
    return this.find(number);
  }

  #aim(request: WaitRequest, lengthMs: number): Aim | string {
    const { files } = this.#options;
    const target = { process_id: null, path: null, stamp: null };
    if (request.process !== undefined) {
      const process = this.#row(request.process);
      if (process === undefined) return this.#unknown(request.process);
      return {
        target: {
          ...target,
          kind: 'process',
          what: processWords(process),
          process_id: process.id,
        },
        sign: sign.waitProcess(process.command),
        process,
        over: process.ending === null ? null : process.ending === 'lost' ? 'lost' : 'exited',
      };
    }
    if (request.path !== undefined) {
      const { absolute, display } = request.path;
      const { stamp, changedAtMs } = files.look(absolute);
      const isNews = changedAtMs !== null && changedAtMs > this.#askedAtMs() - FILE_TIME_LAG_MS;
      return {
        target: { ...target, kind: 'path', what: `${display} to change`, path: absolute, stamp },
        sign: sign.waitPath(absolute),
        process: undefined,
        over: isNews ? 'changed' : null,
      };
    }
    return {
      target: { ...target, kind: 'time', what: durationWords(lengthMs) },
      sign: sign.waitTime(lengthMs),
      process: undefined,
      over: null,
    };
  }

  /** When the request left that led to this call: what changed since, the model cannot know. */
  #askedAtMs(): number {
    const { items, ledger } = this.#options.store.repositories;
    const requestId = items.find(this.#itemId)?.request_id ?? null;
    const request = requestId === null ? undefined : ledger.find(requestId);
    return request?.started_at_ms ?? Number.POSITIVE_INFINITY;
  }

  #insert(tx: Tx, aim: Aim, untilMs: number, args: unknown): WaitRow {
    const { waits } = this.#options.store.repositories;
    const { threadId, turnId, goalId } = this.#turn;
    const wait: WaitRow = {
      ...aim.target,
      id: uuid(),
      goal_id: goalId ?? '',
      thread_id: threadId,
      turn_id: turnId,
      arguments_json: JSON.stringify(args),
      until_ms: untilMs,
      // Over at once, it is told by the output of its own call.
      result: aim.over,
      told: aim.over === null ? 0 : 1,
      started_at_ms: tx.nowMs,
      ended_at_ms: aim.over === null ? null : tx.nowMs,
    };
    waits.insert(wait);
    tx.emit({
      type: 'wait.started',
      threadId,
      goalId,
      turnId,
      data: { waitId: wait.id, kind: wait.kind, what: wait.what, untilMs },
    });
    return wait;
  }

  #begin(tx: Tx, goal: GoalRow, wait: WaitRow, aim: Aim, isLimited: boolean): WaitReply {
    const { store, goals } = this.#options;
    const { turnId } = this.#turn;
    const waitingFor: GoalWait = {
      waitId: wait.id,
      kind: wait.kind,
      what: wait.what,
      processId: aim.process?.number ?? null,
      path: wait.path,
      sinceMs: tx.nowMs,
      untilMs: isLimited ? wait.until_ms : null,
    };
    goals.note(tx, goal, { wait_json: JSON.stringify(waitingFor) }, null);
    if (store.repositories.notes.addSign(goal.goal_id, aim.sign, turnId, tx.nowMs)) {
      this.#turn.markProgress();
    }
    const limit = wait.kind === 'time' ? '' : ', at the latest';
    return {
      text: `Waiting for ${wait.what}${limit} until ${new Date(wait.until_ms).toISOString()}. This turn ends now; the next one begins when the wait is over, and nothing is spent meanwhile.`,
      success: true,
      waits: true,
    };
  }

  #overAtOnce(tx: Tx, wait: WaitRow, aim: Aim): WaitReply {
    const { threadId, goalId, turnId } = this.#turn;
    tx.emit({
      type: 'wait.ended',
      threadId,
      goalId,
      turnId,
      data: { waitId: wait.id, kind: wait.kind, what: wait.what, result: aim.over, elapsedMs: 0 },
    });
    if (aim.process !== undefined) {
      this.#options.store.repositories.processes.update(aim.process.id, { told: 1 });
    }
    return { text: waitReport(wait, aim.process), success: true, waits: false };
  }

  #row(number: number): ProcessRow | undefined {
    const { processes } = this.#options.store.repositories;
    return processes.byNumber(this.#turn.threadId, number);
  }

  #unknown(number: number): string {
    const running = this.running().map((process) => String(process.number));
    return `there is no background process ${String(number)}. ${running.length === 0 ? 'None runs.' : `Running: ${running.join(', ')}.`}`;
  }
}

function view(row: ProcessRow): BackgroundProcess {
  return {
    number: row.number,
    command: row.command,
    pid: row.pid,
    outputFile: row.output_file,
    ended: endingWords(row),
    polledBytes: row.polled_bytes,
  };
}
