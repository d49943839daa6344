import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { serviceFileSchema, type HomePaths, type ServiceFile } from '@goald/protocol';
import { ok, warn, type Check } from './finding.js';

const TIMEOUT_MS = 2000;

/** The daemon of a home, from outside. */
export class RunningDaemon {
  readonly #paths: HomePaths;
  #answer: Promise<boolean> | undefined;

  constructor(paths: HomePaths) {
    this.#paths = paths;
  }

  /** Whether one answers on the home's socket. Asked once. */
  answers(): Promise<boolean> {
    this.#answer ??= probe(this.#paths.socket);
    return this.#answer;
  }

  /** service.json, or null when there is none that can be read. */
  service(): ServiceFile | null {
    try {
      const read = serviceFileSchema.safeParse(
        JSON.parse(readFileSync(this.#paths.serviceFile, 'utf8')),
      );
      return read.success ? read.data : null;
    } catch {
      return null;
    }
  }
}

export function daemonChecks(daemon: RunningDaemon, version: string): readonly Check[] {
  return [
    { id: 'daemon', run: () => daemonFinding(daemon) },
    { id: 'version', run: () => versionFinding(daemon, version) },
  ];
}

async function daemonFinding(daemon: RunningDaemon): Promise<ReturnType<typeof ok>> {
  const service = daemon.service();
  if (await daemon.answers()) {
    return ok(
      service === null
        ? 'runs'
        : `runs as process ${String(service.pid)}: ${service.endpoints.join(' ')}`,
    );
  }
  if (service === null) return ok('does not run; start it with: goal daemon start');
  return isAlive(service.pid)
    ? warn(
        `process ${String(service.pid)} is there but does not answer on its socket`,
        'Wait a moment if it has just been started; else end that process and run: goal daemon start',
      )
    : ok('was ended without a stop; the next start puts everything in order: goal daemon start');
}

async function versionFinding(
  daemon: RunningDaemon,
  version: string,
): Promise<ReturnType<typeof ok>> {
  const running = (await daemon.answers()) ? daemon.service()?.version : undefined;
  return running === undefined || running === version
    ? ok(`goald ${version}`)
    : warn(
        `goald ${running} runs, ${version} is installed`,
        'Restart it: goal daemon stop, then goal daemon start.',
      );
}

function probe(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { socketPath, path: '/healthz', headers: { host: 'localhost' }, agent: false },
      (response) => {
        response.resume();
        resolve(true);
      },
    );
    asked.setTimeout(TIMEOUT_MS, () => {
      asked.destroy();
      resolve(false);
    });
    asked.on('error', () => {
      resolve(false);
    });
    asked.end();
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
