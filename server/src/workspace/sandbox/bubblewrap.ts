import { lstatSync } from 'node:fs';
import { isInside, type ViewRule } from '../../engine/ports/view-rules.js';

export interface BubblewrapOptions {
  readonly rules: readonly ViewRule[];
  readonly network: boolean;
  /** Where the command starts. */
  readonly cwd: string;
  /** Runs as an ordinary user inside: the daemon is root. */
  readonly asRoot: boolean;
  /** A process view of its own cannot be mounted here: the outer one is shown, of which the kernel tells names and arguments only. */
  readonly sharesProc: boolean;
  /** File descriptor with a filter of system calls; null: this kernel takes none. */
  readonly filterFd: number | null;
  /** File descriptor that hears whether the command ran. */
  readonly statusFd: number;
}

/** The arguments of bubblewrap before `--` and the command. */
export function bubblewrapArguments(options: BubblewrapOptions): readonly string[] {
  const { rules, network, cwd, asRoot, sharesProc, filterFd, statusFd } = options;
  const [first, ...rest] = rules;
  const mounts = rest.filter((rule, at) => !isCovered(rule, rest.slice(at + 1))).map(mountOf);
  const root = first === undefined ? [] : mountOf(first).args;
  return [
    ...root,
    ...['--dev', '/dev'],
    ...(sharesProc ? ['--ro-bind', '/proc', '/proc'] : ['--proc', '/proc']),
    ...mounts.flatMap(({ args }) => args),
    // Only when all is in its place: nothing can be mounted in a folder that is read-only already.
    ...mounts.flatMap(({ sealed }) => (sealed === null ? [] : ['--remount-ro', sealed])),
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    ...(network ? [] : ['--unshare-net']),
    ...(asRoot ? ['--uid', '1000', '--gid', '1000'] : []),
    ...['--cap-drop', 'ALL', '--die-with-parent'],
    ...(filterFd === null ? [] : ['--seccomp', String(filterFd)]),
    ...['--json-status-fd', String(statusFd), '--chdir', cwd],
  ];
}

interface Mount {
  readonly args: readonly string[];
  /** An empty folder that is made read-only in the end. */
  readonly sealed: string | null;
}

function mountOf({ path, access, source, isGuard, isOptional }: ViewRule): Mount {
  switch (access) {
    case 'read':
      return {
        args: [isOptional === true ? '--ro-bind-try' : '--ro-bind', source ?? path, path],
        sealed: null,
      };
    case 'write':
      return { args: ['--bind', source ?? path, path], sealed: null };
    case 'scratch':
      return { args: ['--tmpfs', path], sealed: null };
    case 'none': {
      const isFolder = isGuard === true || isFolderAt(path);
      return isFolder
        ? { args: ['--tmpfs', path], sealed: path }
        : { args: ['--ro-bind', '/dev/null', path], sealed: null };
    }
  }
}

/** Whether a later rule mounts over a place before anything was mounted inside of it: mounting it would be for nothing. */
function isCovered(rule: ViewRule, later: readonly ViewRule[]): boolean {
  const next = later.find(({ path }) => isInside(path, rule.path));
  return next?.path === rule.path && next.isOptional !== true && rule.isGuard !== true;
}

function isFolderAt(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
