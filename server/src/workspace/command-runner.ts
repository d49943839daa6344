import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type {
  CommandRequest,
  CommandResult,
  CommandRunner,
  KillReport,
  ProcessLeader,
} from '../engine/ports/commands.js';
import { childEnvironment } from './child-environment.js';
import { CommandOutput } from './command-output.js';
import { ProcessKiller } from './process-killer.js';
import { processTable, type ProcessTable } from './process-table.js';
import {
  ProcessTree,
  earliest,
  hasVariable,
  variable,
  type ProcessFilter,
} from './process-tree.js';
import { ShellProcess, findShell, type ShellExit } from './shell-process.js';

/** What a shell answers for a command it cannot find; ours for a shell that cannot be started. */
const NOT_STARTED = 127;
const MAX_TIMER_MS = 2_147_483_647;

type Ending = 'itself' | 'timeout' | 'abort';

/** What a turn started and may still have running. */
interface TurnProcesses {
  /** Process group -> start of its leader. */
  readonly groups: Map<number, number | null>;
  readonly shells: Set<ShellProcess>;
}

export interface ShellCommandRunnerOptions {
  /** Tags every process, so that a later daemon of this home finds what was left behind. */
  readonly homeId: string;
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly stopGraceMs: number;
  /** The environment of commands, before provider keys are taken out. */
  readonly env: NodeJS.ProcessEnv;
  /** Where processes are looked up; by default what the platform offers. */
  readonly table?: ProcessTable;
}

/** Runs commands by bash (sh where there is none), and finds and ends all they started. */
export class ShellCommandRunner implements CommandRunner {
  readonly #options: ShellCommandRunnerOptions;
  readonly #table: ProcessTable;
  readonly #shell: string;
  readonly #turns = new Map<string, TurnProcesses>();
  readonly #startedTurns = new Set<string>();

  constructor(options: ShellCommandRunnerOptions) {
    this.#options = options;
    this.#table = options.table ?? processTable();
    this.#shell = findShell(options.env);
  }

  async run(request: CommandRequest): Promise<CommandResult> {
    const started = performance.now();
    const folder = await stat(request.cwd).catch(() => null);
    const output = await CommandOutput.open({
      path: request.outputFile,
      maxBytes: request.maxFileBytes,
      keepsEnd: request.keepsEnd,
      onOutput: request.onOutput,
    });
    const finish = async (
      shell: ShellProcess | null,
      exit: ShellExit,
      ending: Ending,
    ): Promise<CommandResult> => ({
      exitCode: ending === 'itself' ? exit.code : null,
      signal: exit.signal,
      timedOut: ending === 'timeout',
      aborted: ending === 'abort',
      output: await output.close(),
      outputTruncated: output.isTruncated,
      fileBytes: output.fileBytes,
      fileTruncated: output.isFileTruncated,
      durationMs: Math.round(performance.now() - started),
      processId: shell?.pid ?? null,
    });
    if (request.signal.aborted) return finish(null, { code: null, signal: null }, 'abort');
    try {
      if (folder?.isDirectory() !== true) throw new Error(`there is no folder ${request.cwd}`);
      return await this.#run(request, output, finish);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      output.add(Buffer.from(`The command could not be started: ${reason}\n`));
      return finish(null, { code: NOT_STARTED, signal: null }, 'itself');
    }
  }

  async killTurn(turnId: string): Promise<KillReport> {
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return { found: [], forced: [] };
    const report = await this.#end({
      groups: turn.groups,
      sinceTicks: earliest(turn.groups),
      isTagged: (environment) => hasVariable(environment, 'GOALD_TURN', turnId),
    });
    for (const shell of turn.shells) shell.release();
    this.#turns.delete(turnId);
    // What of it should be left after all is a stray like any other.
    this.#startedTurns.delete(turnId);
    return report;
  }

  async killStrays(leaders: readonly ProcessLeader[] = []): Promise<KillReport> {
    const { homeId } = this.#options;
    // A leader whose start is not known may be another process by now.
    const known = leaders.filter(({ startedTicks }) => startedTicks !== null);
    return this.#end({
      groups: new Map(known.map(({ pid, startedTicks }) => [pid, startedTicks])),
      sinceTicks: null,
      isTagged: (environment) => {
        if (!hasVariable(environment, 'GOALD_OWNER', homeId)) return false;
        const turnId = variable(environment, 'GOALD_TURN');
        return turnId === null || !this.#startedTurns.has(turnId);
      },
    });
  }

  async #run(
    request: CommandRequest,
    output: CommandOutput,
    finish: (shell: ShellProcess, exit: ShellExit, ending: Ending) => Promise<CommandResult>,
  ): Promise<CommandResult> {
    const { turnId, command, cwd } = request;
    const commandId = randomUUID();
    const env = childEnvironment(this.#options.env, {
      GOALD_TURN: turnId,
      GOALD_OWNER: this.#options.homeId,
      GOALD_COMMAND: commandId,
    });
    // Before the process is there: it must never be taken for a stray.
    this.#startedTurns.add(turnId);
    const shell = ShellProcess.start({ shell: this.#shell, command, cwd, env, output });
    const groups = this.#register(turnId, shell);
    for (const [pid, startedTicks] of groups) request.onStarted?.({ pid, startedTicks });
    const ending = await firstEnd(shell, request);
    if (ending !== 'itself') {
      await this.#end({
        groups,
        sinceTicks: earliest(groups),
        isTagged: (environment) => hasVariable(environment, 'GOALD_COMMAND', commandId),
      });
    }
    const exit = await shell.exited;
    await shell.drain();
    return finish(shell, exit, ending);
  }

  /** Answers the group of this shell alone. */
  #register(turnId: string, shell: ShellProcess): Map<number, number | null> {
    const turn = this.#turns.get(turnId) ?? { groups: new Map(), shells: new Set() };
    this.#turns.set(turnId, turn);
    turn.shells.add(shell);
    if (shell.pid === null) return new Map();
    const startedTicks = this.#table.startedTicks(shell.pid);
    turn.groups.set(shell.pid, startedTicks);
    return new Map([[shell.pid, startedTicks]]);
  }

  #end(filter: ProcessFilter): Promise<KillReport> {
    return new ProcessKiller(new ProcessTree(this.#table, filter)).end(this.#options.stopGraceMs);
  }
}

/** Waits for the shell's end, the timeout or the abort, whichever comes first. Rejects when the shell cannot start. */
async function firstEnd(shell: ShellProcess, request: CommandRequest): Promise<Ending> {
  const cleanup: (() => void)[] = [];
  const stopped = new Promise<Ending>((fulfil) => {
    const timer = setTimeout(
      () => {
        fulfil('timeout');
      },
      Math.min(request.timeoutMs, MAX_TIMER_MS),
    );
    const onAbort = (): void => {
      fulfil('abort');
    };
    request.signal.addEventListener('abort', onAbort);
    cleanup.push(() => {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', onAbort);
    });
  });
  try {
    return await Promise.race([shell.exited.then((): Ending => 'itself'), stopped]);
  } finally {
    for (const clean of cleanup) clean();
  }
}
