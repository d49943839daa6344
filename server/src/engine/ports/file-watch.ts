/** One look at a path. */
export interface FileLook {
  /** Equal stamps mean an unchanged path. A path that is not there has a stamp too. */
  readonly stamp: string;
  /** Unix milliseconds of the last change the system knows of; null where there is nothing. */
  readonly changedAtMs: number | null;
}

/** Tells of changes of single files and folders. A folder changes when entries in it come or go. */
export interface FileWatch {
  /** Never throws: a path that cannot be read counts as not there. */
  look(path: string): FileLook;
  /**
   * Calls `onChange` once, when the stamp of the path is another than `stamp`, also when it is so already (then not before it returned).
   * `onChange` must not throw. Disposing ends it.
   */
  watch(path: string, stamp: string, onChange: () => void): Disposable;
}
