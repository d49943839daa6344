import { spawn } from 'node:child_process';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { daemonProgram } from './daemon-program.js';
import { delay } from './delay.js';
import { GoaldError } from './errors.js';
import { type HomeOptions, pathsOf } from './home.js';
import { probe } from './probe.js';

export interface LaunchOptions extends HomeOptions {
  /** Program and leading arguments of the daemon. Default: the installed @goald/server, else `goald` on PATH. */
  readonly command?: readonly [string, ...string[]] | undefined;
  /** How long the daemon may take to answer, in milliseconds. Default 20,000. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEADLINE_MS = 20_000;
const POLL_MS = 25;
const RELAUNCH_MS = 1000;
const PROBE_TIMEOUT_MS = 2000;
const LOG_TAIL_BYTES = 4096;
const LOG_TAIL_LINES = 15;
// A daemon that finds the home taken leaves with one of these: another one of the same moment has won.
const QUIET_EXIT_CODES: readonly (number | null)[] = [0, 3];

/**
 * Makes sure that the home's daemon answers on its socket, starting it if need be. Any number of processes may do so at once: the
 * daemon's own lock decides who stays. Answers whether this call started a process. Rejects with `daemon_failed` and the end of its log.
 */
export async function ensureDaemon(options: LaunchOptions = {}): Promise<{ started: boolean }> {
  const paths = pathsOf(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const logFile = path.join(paths.logs, 'daemon.log');
  const startedMs = performance.now();
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  let child: Launched | null = null;
  let launchedMs = 0;
  for (;;) {
    const answer = await probe(paths.socket, '/readyz', PROBE_TIMEOUT_MS);
    if (answer?.status === 200) return { started: child !== null };
    const failure = child?.failure() ?? null;
    const late = performance.now() - startedMs > deadlineMs;
    if (failure !== null || late) {
      const why = failure ?? `it did not answer within ${String(deadlineMs / 1000)} s`;
      const tail = await logTail(logFile, child?.logStart ?? 0);
      throw new GoaldError(
        'daemon_failed',
        `The goald daemon could not be started: ${why}.${tail === '' ? '' : `\n${tail}`}\nIts log: ${logFile}`,
      );
    }
    // A daemon that is stopping holds the home for a moment longer than its socket: a start that gave way to it is made again.
    const again = child?.gaveWay() === true && performance.now() - launchedMs > RELAUNCH_MS;
    if (answer === null && (child === null || again)) {
      launchedMs = performance.now();
      child = await launch(options, paths.state, logFile);
    }
    await delay(POLL_MS, signal);
  }
}

interface Launched {
  /** Size of the log before this start. */
  readonly logStart: number;
  /** Why the process ended, when it ended in a way that no other daemon's start explains. */
  failure(): string | null;
  /** True when the process has ended because another daemon holds the home. */
  gaveWay(): boolean;
}

async function launch(options: LaunchOptions, state: string, logFile: string): Promise<Launched> {
  const log = await openLog(state, logFile).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new GoaldError(
      'daemon_failed',
      `The goald daemon cannot keep its things in ${state}: ${why}. Put that right, or choose another folder with --home DIR or GOALD_HOME.`,
      { cause: error },
    );
  });
  try {
    return await spawnDaemon(options, state, log);
  } finally {
    await log.close();
  }
}

async function openLog(state: string, logFile: string): Promise<FileHandle> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
  return open(logFile, 'a', 0o600);
}

async function spawnDaemon(
  options: LaunchOptions,
  state: string,
  log: FileHandle,
): Promise<Launched> {
  const logStart = (await log.stat()).size;
  const [program, ...leading] = options.command ?? daemonProgram();
  const home = options.home === undefined || options.home === '' ? [] : ['--home', state];
  let failure: string | null = null;
  let gaveWay = false;
  const child = spawn(program, [...leading, ...home], {
    cwd: state,
    env: { ...(options.env ?? process.env) },
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.once('error', (error) => {
    failure = `${program} cannot be run (${error.message})`;
  });
  child.once('exit', (code, signal) => {
    if (QUIET_EXIT_CODES.includes(code)) {
      gaveWay = true;
    } else {
      failure = `it ended with ${code === null ? String(signal) : `exit code ${String(code)}`}`;
    }
  });
  child.unref();
  return { logStart, failure: () => failure, gaveWay: () => gaveWay };
}

async function logTail(logFile: string, from: number): Promise<string> {
  const log = await open(logFile, 'r').catch(() => null);
  if (log === null) return '';
  try {
    const { size } = await log.stat();
    const start = Math.max(Math.min(from, size), size - LOG_TAIL_BYTES, 0);
    const buffer = Buffer.alloc(size - start);
    await log.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    await log.close();
  }
}
