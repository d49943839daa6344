import { join } from 'node:path';
import type { Config } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { definitionOf } from '../goals/goal-record.js';
import type { ProcessRow } from '../store/repositories/processes.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import { sleepUntil } from './backoff.js';
import type { Confinements } from './confinement/confinements.js';
import { BackgroundError } from './ports/background.js';
import type { Confinement } from './ports/confinement.js';
import type { Clock } from './ports/clock.js';
import type { CommandResult, CommandRunner, ProcessLeader } from './ports/commands.js';
import type { Failpoints } from './ports/failpoints.js';
import type { TurnStore } from './turn-store.js';

/** Why a process is ended before its time. */
export type ProcessStop = Extract<ProcessRow['ending'], 'killed' | 'stopped' | 'lost'>;

export interface BackgroundProcessesOptions {
  readonly store: TurnStore;
  readonly commands: CommandRunner;
  readonly confinements: Confinements;
  readonly clock: Clock;
  readonly config: () => Config;
  /** Absolute folder for outputs. */
  readonly outputDir: string;
  readonly failpoint: Failpoints;
  /** A process has ended; called in the transaction that says so. */
  readonly onEnded: (tx: Tx, row: ProcessRow) => void;
  readonly onIncident: (error: unknown, where: string) => void;
}

export interface BackgroundCommand {
  readonly command: string;
  readonly cwd: string;
  /** null: no limit. */
  readonly timeoutMs: number | null;
}

interface Live {
  readonly threadId: string;
  readonly goalId: string;
  readonly abort: AbortController;
  ending: ProcessStop;
  done: Promise<void>;
}

const OUTPUT_FILE_BYTES = 16 * 1024 * 1024;
const TAIL_CHARS = 2000;
const STORE_AGAIN_MS = 1000;
const TRIES_AT_SHUTDOWN = 3;

/**
 * The background processes of goals. Each is in the store before it runs and carries a tag of its own, so that the end of a turn leaves it
 * alone, and the goal's stop, the daemon's end and the next daemon find it. It has ended when all it started is dead.
 */
export class BackgroundProcesses {
  readonly #options: BackgroundProcessesOptions;
  readonly #live = new Map<string, Live>();
  #closing = false;

  constructor(options: BackgroundProcessesOptions) {
    this.#options = options;
  }

  /** Resolves when the process runs, or has ended already. Throws BackgroundError, StaleTurnError and sandbox_unavailable. */
  async start(turn: ActiveTurn, command: BackgroundCommand): Promise<ProcessRow> {
    const { failpoint } = this.#options;
    turn.signal.throwIfAborted();
    const confinement = this.#options.confinements.of(turn.threadId, turn.goalId);
    const { id, live } = this.#record(turn, command);
    failpoint('process.recorded');
    await new Promise<void>((fulfil, reject) => {
      live.done = this.#run(id, live, { ...command, confinement }, fulfil);
      live.done.then(fulfil, reject);
    });
    return this.#require(id);
  }

  /** Processes of the goal are being ended. */
  isEnding(goalId: string): boolean {
    return [...this.#live.values()].some(
      (live) => live.goalId === goalId && live.abort.signal.aborted,
    );
  }

  /** Ends one process with all it started; resolves when it is stored as ended. */
  async kill(id: string): Promise<void> {
    await this.#end(
      [...this.#live].filter(([live]) => live === id),
      'killed',
    );
  }

  /** Ends the processes of a goal that is not active any more. */
  async endGoal(goalId: string): Promise<void> {
    await this.#end(
      [...this.#live].filter(([, live]) => live.goalId === goalId),
      'stopped',
    );
  }

  async endThread(threadId: string): Promise<void> {
    await this.#end(
      [...this.#live].filter(([, live]) => live.threadId === threadId),
      'stopped',
    );
  }

  /** Ends all, because the daemon stops. */
  async endAll(): Promise<void> {
    this.#closing = true;
    await this.#end([...this.#live], 'lost');
  }

  async #end(entries: readonly [string, Live][], ending: ProcessStop): Promise<void> {
    for (const [, live] of entries) {
      if (live.abort.signal.aborted) continue;
      live.ending = ending;
      live.abort.abort();
    }
    await Promise.all(entries.map(([, live]) => live.done));
  }

  #record(turn: ActiveTurn, { command, cwd }: BackgroundCommand): { id: string; live: Live } {
    const { store, config, outputDir } = this.#options;
    const { threadId, turnId, goalId } = turn;
    const goal = goalId === null ? undefined : store.repositories.goals.current(threadId);
    if (goalId === null || goal?.goal_id !== goalId || goal.status !== 'active') {
      throw new BackgroundError(
        'A background process belongs to an active goal, and this turn works on none: run the command without background.',
      );
    }
    const { allow, deny } = definitionOf(goal).constraints.paths;
    if (allow.length + deny.length > 0) {
      throw new BackgroundError(
        'This goal has path constraints, and between turns nobody could tell what a background process changed from what the user did: run the command without background.',
      );
    }
    const { processes } = store.repositories;
    const most = config().engine.maxBackgroundProcesses;
    const open = processes.open(goalId);
    if (open.length >= most) {
      const numbers = open.map((row) => String(row.number)).join(', ');
      throw new BackgroundError(
        `${String(open.length)} background processes run already (${numbers}), ${String(most)} are allowed: end one with process {action: "kill"} first.`,
      );
    }
    const id = uuid();
    store.write(turn, (tx) => {
      processes.insert({
        id,
        thread_id: threadId,
        goal_id: goalId,
        turn_id: turnId,
        command,
        cwd,
        output_file: join(outputDir, threadId, `process-${id}.txt`),
        tail: '',
        polled_bytes: 0,
        told: 0,
        started_at_ms: tx.nowMs,
      });
    });
    const live: Live = {
      threadId,
      goalId,
      abort: new AbortController(),
      ending: 'killed',
      done: Promise.resolve(),
    };
    this.#live.set(id, live);
    return { id, live };
  }

  async #run(
    id: string,
    live: Live,
    { command, cwd, timeoutMs, confinement }: BackgroundCommand & { confinement: Confinement },
    onUp: () => void,
  ): Promise<void> {
    const { commands } = this.#options;
    const result = await commands.run({
      command,
      cwd,
      turnId: id,
      timeoutMs: timeoutMs ?? Number.MAX_SAFE_INTEGER,
      confinement,
      signal: live.abort.signal,
      outputFile: this.#require(id).output_file,
      maxFileBytes: OUTPUT_FILE_BYTES,
      keepsEnd: true,
      onStarted: (leader) => {
        this.#seen(id, leader);
        onUp();
      },
    });
    // What the shell left running ends with it.
    await commands.killTurn(id).catch((error: unknown) => {
      this.#options.onIncident(error, 'background process');
    });
    await this.#store(id, live, result);
  }

  #seen(id: string, leader: ProcessLeader): void {
    const { store, failpoint, onIncident } = this.#options;
    try {
      failpoint('process.spawned');
      store.writeAlways(() => {
        const { pid, startedTicks } = leader;
        store.repositories.processes.update(id, { pid, started_ticks: startedTicks });
      });
      failpoint('process.started');
    } catch (error) {
      // The tag finds it all the same.
      onIncident(error, 'background process');
    }
  }

  /** An end that cannot be stored, on a full disk say, is tried again: somebody may wait for it. */
  async #store(id: string, live: Live, result: CommandResult): Promise<void> {
    const { clock, onIncident } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#ended(id, live, result);
        this.#live.delete(id);
        return;
      } catch (error) {
        onIncident(error, 'end of a background process');
        // The next start puts it in order.
        if (this.#closing && attempt >= TRIES_AT_SHUTDOWN) return;
      }
      await sleepUntil(clock, clock.now() + STORE_AGAIN_MS, new AbortController().signal);
    }
  }

  #ended(id: string, live: Live, result: CommandResult): void {
    const { store, failpoint, onEnded } = this.#options;
    const { processes } = store.repositories;
    failpoint('process.dead');
    store.writeAlways((tx) => {
      const own = result.timedOut ? 'timedOut' : 'exited';
      const ended = processes.end(id, {
        ending: result.aborted ? live.ending : own,
        exit_code: result.exitCode,
        signal: result.signal,
        tail: result.output.slice(-TAIL_CHARS),
        ended_at_ms: tx.nowMs,
      });
      if (ended) onEnded(tx, this.#require(id));
    });
    failpoint('process.ended');
  }

  #require(id: string): ProcessRow {
    const row = this.#options.store.repositories.processes.find(id);
    if (row === undefined) throw new Error(`Process ${id} is gone.`);
    return row;
  }
}
