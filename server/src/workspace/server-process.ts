import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ServerStartError,
  type ServerProcess,
  type ServerProcessRequest,
  type ServerProcesses,
} from '../engine/ports/server-process.js';
import { childEnvironment } from './child-environment.js';
import { ProcessKiller } from './process-killer.js';
import { processTable } from './process-table.js';
import { ProcessTree, hasVariable } from './process-tree.js';

const COMPLAINT_CHARS = 2000;

export interface LocalServerProcessesOptions {
  /** Tags every process, so that a later daemon of this home finds what was left behind. */
  readonly homeId: string;
  /** Between closing its input, SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Servers as programs of this machine, which run as the user does. */
export class LocalServerProcesses implements ServerProcesses {
  readonly #options: LocalServerProcessesOptions;

  constructor(options: LocalServerProcessesOptions) {
    this.#options = options;
  }

  async start({ command, args, env, cwd }: ServerProcessRequest): Promise<ServerProcess> {
    const folder = await stat(cwd).catch(() => null);
    if (folder?.isDirectory() !== true) throw new ServerStartError(`there is no folder ${cwd}`);
    const id = randomUUID();
    const own = childEnvironment(this.#options.env, {
      GOALD_OWNER: this.#options.homeId,
      GOALD_SERVER: id,
    });
    let child: ChildProcessWithoutNullStreams;
    try {
      // Its tags win: without them nobody would find it.
      child = spawn(command, args, {
        cwd,
        env: { ...own, ...env, GOALD_OWNER: own['GOALD_OWNER'], GOALD_SERVER: id },
        detached: true,
        stdio: 'pipe',
      });
      await once(child, 'spawn');
    } catch (error) {
      throw startError(command, error);
    }
    return new LocalServerProcess(child, id, this.#options.graceMs);
  }
}

function startError(command: string, error: unknown): ServerStartError {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return new ServerStartError(`there is no program ${command} in PATH`);
  if (code === 'EACCES') return new ServerStartError(`${command} may not be run`);
  return new ServerStartError(error instanceof Error ? error.message : String(error));
}

class LocalServerProcess implements ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #id: string;
  readonly #graceMs: number;
  readonly #table = processTable();
  readonly #startedTicks: number | null;
  readonly exited: Promise<string>;
  #complaint = '';
  #ending: Promise<void> | null = null;

  constructor(child: ChildProcessWithoutNullStreams, id: string, graceMs: number) {
    this.#child = child;
    this.#id = id;
    this.#graceMs = graceMs;
    this.#startedTicks = this.#table.startedTicks(this.pid);
    this.exited = new Promise((fulfil) => {
      child.once('exit', (code, signal) => {
        fulfil(signal ?? `exit code ${String(code)}`);
      });
    });
    child.on('error', () => undefined);
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream.on('error', () => undefined);
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_CHARS);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdin(): ChildProcessWithoutNullStreams['stdin'] {
    return this.#child.stdin;
  }

  get stdout(): ChildProcessWithoutNullStreams['stdout'] {
    return this.#child.stdout;
  }

  get complaint(): string {
    return this.#complaint.trim();
  }

  end(): Promise<void> {
    return (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#child.stdin.end();
    const patience = new AbortController();
    const grace = delay(this.#graceMs, undefined, { signal: patience.signal });
    await Promise.race([this.exited, grace]).catch(() => undefined);
    patience.abort();
    grace.catch(() => undefined);
    const tree = new ProcessTree(this.#table, {
      groups: new Map([[this.pid, this.#startedTicks]]),
      wrappers: new Set(),
      sinceTicks: this.#startedTicks,
      isTagged: (environment) => hasVariable(environment, 'GOALD_SERVER', this.#id),
    });
    await new ProcessKiller(tree).end(this.#graceMs).catch(() => undefined);
    // A grandchild that got away with a pipe must not keep it open.
    for (const stream of [this.stdin, this.stdout, this.#child.stderr]) stream.destroy();
  }
}
