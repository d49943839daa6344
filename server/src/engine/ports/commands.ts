import type { Confinement } from './confinement.js';

/** How one command is to be run. */
export interface CommandRequest {
  /** Given to the shell as it stands. */
  readonly command: string;
  /** Absolute folder. */
  readonly cwd: string;
  /** Tags every process it starts, so that all can be found and ended with the turn. A background process has a tag of its own. */
  readonly turnId: string;
  readonly timeoutMs: number;
  /** What it may reach; one that cannot be confined so is not started. */
  readonly confinement: Confinement;
  readonly signal: AbortSignal;
  /** Called with pieces of stdout and stderr as they come. Must not throw. */
  readonly onOutput?: (text: string) => void;
  /** Absolute file that receives the whole output; made with its folder. None: the output is only kept within limits. */
  readonly outputFile?: string;
  /** What that file holds at most; the rest is left out. Default 1 GiB. */
  readonly maxFileBytes?: number;
  /** The end of a longer output is appended to the file when the command is over. */
  readonly keepsEnd?: boolean;
  /** Called once, as soon as the shell runs. Must not throw. */
  readonly onStarted?: (leader: ProcessLeader) => void;
}

/** The shell of a command, which leads a process group. */
export interface ProcessLeader {
  readonly pid: number;
  /** With the pid, names the process once and for all; null where the system does not tell. */
  readonly startedTicks: number | null;
}

export interface CommandResult {
  /** null when the command did not end by itself (signal, timeout, abort). */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** stdout and stderr as they came, at most 1 MiB: head and tail, the middle cut and marked. */
  readonly output: string;
  readonly outputTruncated: boolean;
  /** Bytes in the output file; null when there is none. */
  readonly fileBytes: number | null;
  /** The output file holds less than came. */
  readonly fileTruncated: boolean;
  readonly durationMs: number;
  readonly processId: number | null;
}

/** What ending the processes of a turn found. */
export interface KillReport {
  /** Process ids that were alive when it began. */
  readonly found: readonly number[];
  /** Those that needed SIGKILL. */
  readonly forced: readonly number[];
}

/** Runs commands outside the model, in their own process groups, with provider keys scrubbed from their environment. */
export interface CommandRunner {
  /** Never rejects for what the command does; a shell that cannot be started is exit code 127 with the reason as output. */
  run(request: CommandRequest): Promise<CommandResult>;
  /** Ends every process of a turn: SIGTERM, SIGKILL after the grace time. Resolves when all are dead. */
  killTurn(turnId: string): Promise<KillReport>;
  /** Ends every process that an earlier daemon of this home left behind; `leaders` are shells it is known to have left. */
  killStrays(leaders?: readonly ProcessLeader[]): Promise<KillReport>;
}
