import { readFile } from 'node:fs/promises';
import { type HomePaths, type ServiceFile, serviceFileSchema } from '@goald/protocol';
import { delay } from './delay.js';
import { GoaldError } from './errors.js';
import { type HomeOptions, pathsOf } from './home.js';
import { pidOf, probe, type ProbeAnswer } from './probe.js';

const PROBE_TIMEOUT_MS = 2000;
const STOP_DEADLINE_MS = 15_000;
const FORCED_DEADLINE_MS = 5000;

/** service.json of the home, or null when there is none or it is not readable as one. Says nothing of whether that daemon still lives. */
export async function readService(options: HomeOptions = {}): Promise<ServiceFile | null> {
  return readServiceFile(pathsOf(options));
}

async function readServiceFile(paths: HomePaths): Promise<ServiceFile | null> {
  try {
    const parsed = serviceFileSchema.safeParse(
      JSON.parse(await readFile(paths.serviceFile, 'utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}

/** True when a daemon answers on the home's socket. */
export async function daemonAnswers(options: HomeOptions = {}): Promise<boolean> {
  return (await probe(pathsOf(options).socket, '/healthz', PROBE_TIMEOUT_MS)) !== null;
}

/**
 * Stops the home's daemon and waits until it is gone; its goals go on with the next start. Answers the pid that was stopped, or null when
 * none ran. A service.json left behind by a dead daemon is never believed: the one that answers on the home's socket must be ready, and
 * must be the one in the file. Rejects with `daemon_unsafe_to_stop` otherwise.
 */
export async function stopDaemon(options: HomeOptions = {}): Promise<number | null> {
  const paths = pathsOf(options);
  const health = await probe(paths.socket, '/healthz', PROBE_TIMEOUT_MS);
  if (health === null) return null;
  const said = await runningPid(paths, health);
  signalProcess(said, 'SIGTERM');
  if (await gone(said, STOP_DEADLINE_MS)) return said;
  // A second SIGTERM ends the daemon at once.
  signalProcess(said, 'SIGTERM');
  if (await gone(said, FORCED_DEADLINE_MS)) return said;
  throw new GoaldError('daemon_failed', `The daemon (process ${String(said)}) does not stop.`);
}

async function runningPid(paths: HomePaths, health: ProbeAnswer): Promise<number> {
  // A daemon writes service.json before it says that it is ready, and only the one that holds the home's lock gets that far.
  const ready = await probe(paths.socket, '/readyz', PROBE_TIMEOUT_MS);
  const service = await readServiceFile(paths);
  const said = pidOf(health);
  const pid = service?.pid ?? 0;
  const listed = service?.endpoints.includes(`unix://${paths.socket}`) === true;
  if (ready?.status === 200 && listed && pid > 1 && (said === null || said === pid)) return pid;
  throw new GoaldError(
    'daemon_unsafe_to_stop',
    `A daemon answers at ${paths.socket}, but ${paths.serviceFile} does not describe it, so no process is ended. If it is still starting, try again; else stop it by hand.`,
  );
}

async function gone(pid: number, deadlineMs: number): Promise<boolean> {
  const startedMs = performance.now();
  while (signalProcess(pid, 0)) {
    if (performance.now() - startedMs > deadlineMs) return false;
    await delay(20);
  }
  return true;
}

/** False when there is no such process. */
function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
