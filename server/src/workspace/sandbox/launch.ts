/** How a command is started. Disposed when it has ended. */
export interface Launch extends Disposable {
  readonly file: string;
  /** Before the shell and its arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Folder in which `file` starts. */
  readonly cwd: string;
  /** It is a sandbox around the command, which says on STATUS_FD whether the command ran, and ends everything inside when it ends. */
  readonly isSandbox: boolean;
  /** Open files that `file` finds as FILTER_FD and after it. */
  readonly files: readonly number[];
  /** Processes the command may have before it is ended for it; null: any number. */
  readonly maxProcesses: number | null;
  /** Processes and threads that the kernel lets it have at once; null: as many as the user. */
  readonly maxTasks: number | null;
}

/** The file descriptor of what a sandbox says of itself. */
export const STATUS_FD = 3;
export const FILTER_FD = 4;

/** Every system has it, and it starts in half the time of bash: it joins the outputs and makes room for the shell of the command. */
export const PLAIN_SHELL = 'sh';

/** The command as it is, with the rights of the daemon. */
export function freeLaunch(env: NodeJS.ProcessEnv, cwd: string): Launch {
  return {
    file: PLAIN_SHELL,
    args: [],
    env,
    cwd,
    isSandbox: false,
    files: [],
    maxProcesses: null,
    maxTasks: null,
    [Symbol.dispose]: () => undefined,
  };
}
