/** What may be changed: patterns as in a .gitignore at the repository's folder. An empty `allow` allows everything that `deny` does not name. */
export interface PathRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** What a later check compares with. Plain data: it is stored with the turn. */
export interface GuardMark {
  readonly treeId: string;
  /** Unix milliseconds of the file system. */
  readonly keptAtMs: number;
  readonly rules: PathRules;
}

/** A file at one time: git's mode and blob id. */
export interface FileState {
  readonly mode: string;
  readonly oid: string;
}

/** A change that the rules forbid. */
export interface FoundBreach {
  /** From the repository's folder, with `/`. */
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
  /** The rule in words. */
  readonly rule: string;
  readonly before: FileState | null;
  /** As the check found it. */
  readonly seen: FileState | null;
}

export interface UndoResult {
  readonly undone: boolean;
  /** Why not. */
  readonly reason: string | null;
  /** Absolute file with what stood there; null where nothing was to be kept. */
  readonly keptAs: string | null;
}

/** Files that rules protect. `.git` is not looked at. */
export interface GuardedFiles {
  /** Keeps what is needed to put protected files back. Rejects when the folder is gone. */
  keep(cwd: string, rules: PathRules): Promise<GuardMark>;
  /** Forbidden changes since the mark, in an order in which they can be undone. Rejects when the folder is gone. */
  breaches(cwd: string, mark: GuardMark): Promise<readonly FoundBreach[]>;
  /** Puts one file back if it still is what the check saw; what stood there is copied into the folder `into`. Never rejects. */
  undo(cwd: string, mark: GuardMark, breach: FoundBreach, into: string): Promise<UndoResult>;
  /** A function that says why an absolute path may not be changed, or null. */
  refuser(cwd: string, rules: PathRules): Promise<(absolutePath: string) => string | null>;
}
