import type { DiffStat, GitInfo } from '@goald/protocol';

export interface WorkspaceDiff {
  readonly stat: DiffStat;
  /** Unified diff, git's dialect. */
  readonly diff: string;
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
  /** Head, branch and origin, or null outside a git repository. Never rejects. */
  gitInfo(cwd: string): Promise<GitInfo | null>;
  /** Instruction files (AGENTS.md) from the repository's root down to cwd, absolute paths, root first. Never rejects. */
  instructionFiles(cwd: string): Promise<readonly string[]>;
}
