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
import { freeLaunch, type Launch } from './sandbox/launch.js';
import { ProcessLimit } from './sandbox/process-limit.js';
import type { Sandbox } from './sandbox/sandbox.js';
import { ShellProcess, findShell, type ShellExit } from './shell-process.js';

/** What a shell answers for a command it cannot find; ours for a shell that cannot be started. */
const NOT_STARTED = 127;
const MAX_TIMER_MS = 2_147_483_647;

type Ending = 'itself' | 'timeout' | 'abort';

/** What a turn started and may still have running. */
interface TurnProcesses {
  /** Process group -> start of its leader. */
  readonly groups: Map<number, number | null>;
  /** Those of them that are sandboxes. */
  readonly wrappers: Set<number>;
  readonly shells: Set<ShellProcess>;
}

export interface ShellCommandRunnerOptions {
  /** Tags every process, so that a later daemon of this home finds what was left behind. */
  readonly homeId: string;
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly stopGraceMs: number;
  /** The environment of commands, before provider keys are taken out. */
  readonly env: NodeJS.ProcessEnv;
  /** Confines what is not to run freely; none: nothing can be confined, and it is not started. */
  readonly sandbox?: Sandbox;
  /** Where processes are looked up; by default what the platform offers. */
  readonly table?: ProcessTable;
}

/** Runs commands by bash (sh where there is none), and finds and ends all they started. */
export class ShellCommandRunner implements CommandRunner {
  readonly #options: ShellCommandRunnerOptions;
  readonly #table: ProcessTable;
  readonly #processLimit: ProcessLimit;
  readonly #shell: string;
  readonly #turns = new Map<string, TurnProcesses>();
  readonly #startedTurns = new Set<string>();

  constructor(options: ShellCommandRunnerOptions) {
    this.#options = options;
    this.#table = options.table ?? processTable();
    this.#processLimit = new ProcessLimit(this.#table);
    this.#shell = findShell(options.env);
  }

  async run(request: CommandRequest): Promise<CommandResult> {
    const started = performance.now();
    const isFree = request.confinement.mode === 'danger-full-access';
    const folder = isFree ? await stat(request.cwd).catch(() => null) : null;
    await this.#options.sandbox?.prepare(request.confinement);
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
      // Whether a confined command has its folder is for the sandbox to say.
      if (isFree && folder?.isDirectory() !== true)
        throw new Error(`there is no folder ${request.cwd}`);
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
      wrappers: turn.wrappers,
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
      wrappers: new Set(),
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
    const { turnId, command } = request;
    const commandId = randomUUID();
    const env = childEnvironment(this.#options.env, {
      GOALD_TURN: turnId,
      GOALD_OWNER: this.#options.homeId,
      GOALD_COMMAND: commandId,
    });
    // Before the process is there: it must never be taken for a stray.
    this.#startedTurns.add(turnId);
    using launch = this.#launch(request, env);
    const shell = ShellProcess.start({ shell: this.#shell, command, launch, output });
    const groups = this.#register(turnId, shell, launch.isSandbox);
    for (const [pid, startedTicks] of groups) request.onStarted?.({ pid, startedTicks });
    using _limit = this.#limit(shell, launch, output);
    const ending = await firstEnd(shell, request);
    if (ending !== 'itself') {
      await this.#end({
        groups,
        wrappers: launch.isSandbox ? new Set(groups.keys()) : new Set(),
        sinceTicks: earliest(groups),
        isTagged: (environment) => hasVariable(environment, 'GOALD_COMMAND', commandId),
      });
    }
    const exit = await shell.exited;
    await shell.drain();
    return await finish(shell, exit, ending);
  }

  /** Throws when the command cannot be confined as it must be. */
  #launch({ confinement, cwd }: CommandRequest, env: NodeJS.ProcessEnv): Launch {
    if (confinement.mode === 'danger-full-access') return freeLaunch(env, cwd);
    const { sandbox } = this.#options;
    if (sandbox === undefined) throw new Error('there is no sandbox here');
    return sandbox.launch(confinement, { env, cwd });
  }

  /** Ends a command with all it started when these are too many: SIGKILL for the sandbox is SIGKILL for everything in it. */
  #limit(shell: ShellProcess, { maxProcesses }: Launch, output: CommandOutput): Disposable {
    const { pid } = shell;
    if (pid === null || maxProcesses === null) return { [Symbol.dispose]: () => undefined };
    return this.#processLimit.watch(pid, maxProcesses, () => {
      const most = String(maxProcesses);
      output.add(
        Buffer.from(
          `\n[ended: the command had more than ${most} processes (sandbox.maxProcesses)]\n`,
        ),
      );
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    });
  }

  /** Answers the group of this shell alone. */
  #register(turnId: string, shell: ShellProcess, isSandbox: boolean): Map<number, number | null> {
    const turn = this.#turns.get(turnId) ?? {
      groups: new Map(),
      wrappers: new Set(),
      shells: new Set(),
    };
    this.#turns.set(turnId, turn);
    turn.shells.add(shell);
    if (shell.pid === null) return new Map();
    const startedTicks = this.#table.startedTicks(shell.pid);
    turn.groups.set(shell.pid, startedTicks);
    if (isSandbox) turn.wrappers.add(shell.pid);
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
