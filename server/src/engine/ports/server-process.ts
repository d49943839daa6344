import type { Readable, Writable } from 'node:stream';

/** A program that serves over its standard input and output. */
export interface ServerProcessRequest {
  /** A name to be found in PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the daemon's own environment, from which keys are taken out; wins over it. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute folder. */
  readonly cwd: string;
}

export interface ServerProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The end of what it wrote to stderr, at most 2,000 characters. */
  readonly complaint: string;
  /** How it ended, in words; resolves when it has. Never rejects. */
  readonly exited: Promise<string>;
  /** Closes its input, then SIGTERM, then SIGKILL, for all it started. Resolves when all are dead. Never rejects. */
  end(): Promise<void>;
}

/** Starts servers outside of any turn: each leads a process group, and a later daemon of this home finds what is left of it. */
export interface ServerProcesses {
  /** Rejects with ServerStartError when the program cannot be started at all. */
  start(request: ServerProcessRequest): Promise<ServerProcess>;
}

/** The program is not there, or may not be run: trying again changes nothing. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}
