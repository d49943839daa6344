import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { type HomeOptions, pathsOf } from './home.js';

/** What the daemon's program wrote, and how it ended. */
export interface ProgramRun {
  /** null when it could not be run, or was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Program and leading arguments of the daemon: the installed @goald/server, else `goald` on PATH. */
export function daemonProgram(): [string, ...string[]] {
  try {
    const require = createRequire(import.meta.url);
    return [process.execPath, require.resolve('@goald/server/main.js')];
  } catch {
    return ['goald'];
  }
}

/** Runs the daemon's program to its end for what it can tell of a home without serving it, such as `--doctor`. Never rejects. */
export async function askDaemonProgram(
  args: readonly string[],
  options: HomeOptions & { readonly timeoutMs: number },
): Promise<ProgramRun> {
  const [program, ...leading] = daemonProgram();
  const named = options.home !== undefined && options.home !== '';
  const home = named ? ['--home', pathsOf(options).state] : [];
  return new Promise((resolve) => {
    execFile(
      program,
      [...leading, ...home, ...args],
      {
        env: { ...(options.env ?? process.env) },
        timeout: options.timeoutMs,
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        const isExit = typeof code === 'number';
        const why = error !== null && !isExit && stderr === '' ? error.message : stderr;
        resolve({ exitCode: isExit ? code : null, stdout, stderr: why });
      },
    );
  });
}
