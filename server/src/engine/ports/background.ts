/** How long, or for what, the model wants to wait. One of process and path at most; each may have a limit in time. */
export interface WaitRequest {
  readonly seconds?: number;
  /** ISO 8601 with an offset. */
  readonly until?: string;
  /** Number of a background process of the thread. */
  readonly process?: number;
  readonly path?: { readonly absolute: string; readonly display: string };
}

export interface WaitReply {
  readonly text: string;
  readonly success: boolean;
  /** The goal waits: no further request in this turn. False when it was refused, or over at once. */
  readonly waits: boolean;
}

/** A background process as tools see it. */
export interface BackgroundProcess {
  readonly number: number;
  readonly command: string;
  readonly pid: number | null;
  /** Absolute. */
  readonly outputFile: string;
  /** How it ended, in words; null while it runs. */
  readonly ended: string | null;
  /** Bytes of the output file that the model has read. */
  readonly polledBytes: number;
}

/** What tools can do with time and background processes: the engine's side of wait, process and shell in the background. */
export interface BackgroundControl {
  /** Registers a wait for the goal of the turn. Never throws for what was asked: the reply says what is wrong. */
  wait(request: WaitRequest, args: unknown): WaitReply;
  /**
   * Starts a command that outlives the turn, but not the goal's stop or the daemon. `timeoutMs` null: no limit. Rejects with a
   * BackgroundError when it may not run; a command that cannot be started is a process that ended.
   */
  start(request: {
    readonly command: string;
    readonly cwd: string;
    readonly timeoutMs: number | null;
  }): Promise<BackgroundProcess>;
  /** A process of the thread, or undefined. */
  find(number: number): BackgroundProcess | undefined;
  /** The processes that run now, oldest first. */
  running(): readonly BackgroundProcess[];
  /** The model has read the output up to a byte, and knows how the process stands. */
  polled(number: number, bytes: number): void;
  /** Ends a process with all it started; resolves when all are dead. */
  kill(number: number): Promise<BackgroundProcess | undefined>;
}

/** Why a background process may not run, in words for the model. */
export class BackgroundError extends Error {
  override readonly name = 'BackgroundError';
}
