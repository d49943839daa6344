import type { Coverage, DiffStat, GitInfo } from '@goald/protocol';

export interface WorkspaceDiff {
  readonly stat: DiffStat;
  /** Unified diff, git's dialect. */
  readonly diff: string;
}

/** One file at two times. */
export interface FileTexts {
  readonly before: string | null;
  readonly after: string | null;
}

/** The files a goal works on. */
export interface Workspace {
  /**
   * Names the content of a folder: equal ids mean equal files. Ignored files (gitignore rules) and `.git` do not count.
   * A full stat scan each time; file content is read only where the stat changed. Rejects when the folder is gone.
   */
  treeId(cwd: string): Promise<string>;
  /** Keeps what is needed to diff against the tree as it stands now, and answers its tree id. */
  keepBaseline(cwd: string): Promise<string>;
  /** The difference from a kept baseline to the tree as it stands now; null when the baseline is not known. */
  diffFrom(cwd: string, baselineTreeId: string): Promise<WorkspaceDiff | null>;
  /** Paths that differ from a kept baseline; null when it is not known. */
  changedSince(cwd: string, baselineTreeId: string): Promise<readonly string[] | null>;
  /** A file as a kept baseline has it and as it is now; null where it is not there, or not to be had any more. */
  textsOf(cwd: string, baselineTreeId: string, path: string): Promise<FileTexts>;
  /**
   * The coverage summary that test runners leave in a well-known place, copied into the folder `into`; null when there is none.
   * `sinceMs` is when the commands began (Unix milliseconds). Never rejects.
   */
  keepCoverage(
    cwd: string,
    options: { readonly into: string; readonly sinceMs: number },
  ): Promise<Coverage | null>;
  /** Head, branch and origin, or null outside a git repository. Never rejects. */
  gitInfo(cwd: string): Promise<GitInfo | null>;
  /** Instruction files (AGENTS.md) from the repository's root down to cwd, absolute paths, root first. Never rejects. */
  instructionFiles(cwd: string): Promise<readonly string[]>;
}
