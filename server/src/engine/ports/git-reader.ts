/** What a git command printed. */
export interface GitRead {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Reads repositories with git, for clients that show them. */
export interface GitReader {
  /** `args` are git's own. Rejects with ProtocolError: policy_refused for a command that does more than read, internal for one that cannot be run. */
  read(
    args: readonly string[],
    options: {
      readonly cwd: string;
      readonly timeoutMs: number;
      readonly maxBytes: number;
      readonly signal: AbortSignal;
    },
  ): Promise<GitRead>;
}
