import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
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
  const first = await probe(paths.socket, '/readyz', PROBE_TIMEOUT_MS);
  if (first?.status === 200) return { started: false };
  const logFile = path.join(paths.logs, 'daemon.log');
  const child = first === null ? await launch(options, paths.state, logFile) : null;
  const startedMs = performance.now();
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  for (;;) {
    if ((await probe(paths.socket, '/readyz', PROBE_TIMEOUT_MS))?.status === 200) {
      return { started: child !== null };
    }
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
    await delay(POLL_MS, signal);
  }
}

interface Launched {
  /** Size of the log before this start. */
  readonly logStart: number;
  /** Why the process ended, when it ended in a way that no other daemon's start explains. */
  failure(): string | null;
}

async function launch(options: LaunchOptions, state: string, logFile: string): Promise<Launched> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const log = await open(logFile, 'a', 0o600);
  try {
    return await spawnDaemon(options, state, log);
  } finally {
    await log.close();
  }
}

async function spawnDaemon(
  options: LaunchOptions,
  state: string,
  log: FileHandle,
): Promise<Launched> {
  const logStart = (await log.stat()).size;
  const [program, ...leading] = options.command ?? defaultCommand();
  const home = options.home === undefined || options.home === '' ? [] : ['--home', state];
  let failure: string | null = null;
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
    if (!QUIET_EXIT_CODES.includes(code)) {
      failure = `it ended with ${code === null ? String(signal) : `exit code ${String(code)}`}`;
    }
  });
  child.unref();
  return { logStart, failure: () => failure };
}

function defaultCommand(): [string, ...string[]] {
  try {
    const require = createRequire(import.meta.url);
    return [process.execPath, require.resolve('@goald/server/main.js')];
  } catch {
    return ['goald'];
  }
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
