import type { SandboxMode } from '@goald/protocol';

/** What the commands and tools of a turn may reach. */
export interface Confinement {
  readonly mode: SandboxMode;
  /** More than a loopback of their own. Always so in danger-full-access. */
  readonly network: boolean;
  /**
   * Absolute folders that may be changed, the thread's own first; none in read-only. Beside them there is a private folder for
   * temporary files. danger-full-access does not look at them.
   */
  readonly writableRoots: readonly string[];
  /** Git folders and `.goald` below them may be changed, too. */
  readonly writableGit: boolean;
  /** Absolute folder of the thread. */
  readonly cwd: string;
  /** Whose private folder for temporary files and caches they see: the thread's id. */
  readonly owner: string;
}

/** Runs as the user does: what danger-full-access means. */
export function unconfined(cwd: string, owner: string): Confinement {
  const free = { network: true, writableRoots: [], writableGit: true } as const;
  return { mode: 'danger-full-access', ...free, cwd, owner };
}

/** What this machine can enforce, as a probe found it when the daemon started. */
export interface SandboxSupport {
  /** null: every mode is enforced. Else why not, and what to do about it, in whole sentences. */
  readonly problem: string | null;
}
