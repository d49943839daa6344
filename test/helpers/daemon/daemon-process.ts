import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { homePaths, type ConfigInput, type HomePaths } from '@goald/protocol';
import { eventually } from '../eventually.js';

const MAIN = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));
const ENTRY = fileURLToPath(new URL('entry.ts', import.meta.url));

export interface DaemonProcessOptions {
  /** Absolute folder; made if it is not there. */
  readonly home: string;
  readonly config?: ConfigInput;
  /** Default: a free loopback port and the home's socket. */
  readonly listen?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the process with SIGKILL at the n-th pass of a failpoint, `name`, `name:n`, or `*:n` for whichever is the n-th. Uses the test entry. */
  readonly dieAt?: string;
  /** Throws once, at the n-th pass of a failpoint, `name` or `name:n`: a failure that passes. Uses the test entry. */
  readonly throwAt?: string;
  /** SIGUSR2 makes the disk of the database full, and gives it room again. Uses the test entry. */
  readonly roomOnSignal?: boolean;
  /** `heapBytes` can be asked for. Uses the test entry. */
  readonly heapOnSignal?: boolean;
  /** The database is read from its file again and again. Uses the test entry. */
  readonly noPageCache?: boolean;
  /** Absolute path of a file that whoever starts it leaves open in it, as number 200. */
  readonly leftOpen?: string;
  /** No file it writes may grow beyond so many bytes. */
  readonly fileLimitBytes?: number;
  /** So many milliseconds is the daemon's time ahead. Uses the test entry. */
  readonly clockAheadMs?: number;
}

/** A real goald in a process of its own. */
export class DaemonProcess implements AsyncDisposable {
  readonly paths: HomePaths;
  readonly endpoints: readonly string[];
  readonly #child: ChildProcess;
  readonly #printed: () => string;

  constructor(
    child: ChildProcess,
    paths: HomePaths,
    endpoints: readonly string[],
    printed: () => string,
  ) {
    this.#child = child;
    this.#printed = printed;
    this.paths = paths;
    this.endpoints = endpoints;
  }

  /** What it has written to stderr. */
  get printed(): string {
    return this.#printed();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** ws://127.0.0.1:PORT */
  get wsUrl(): string {
    const url = this.endpoints.find((endpoint) => endpoint.startsWith('ws://'));
    if (url === undefined) throw new Error('This daemon does not listen on TCP.');
    return url;
  }

  async token(): Promise<string> {
    return (await readFile(this.paths.token, 'utf8')).trim();
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.exited) return;
    this.#child.kill(signal);
    await this.ended();
  }

  /** What its heap holds after a forced collection. Needs `heapOnSignal`. */
  async heapBytes(): Promise<number> {
    const told = this.printed.length;
    this.#child.kill('SIGUSR2');
    const line = await eventually('the heap was told', () =>
      /^heap (\d+)$/mu.exec(this.printed.slice(told)),
    );
    return Number(line[1]);
  }

  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (!this.exited) await once(this.#child, 'exit');
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
  }
}

/** Starts goald and waits for its ready line. Throws with what it printed when it ends before that. */
export async function startDaemon(options: DaemonProcessOptions): Promise<DaemonProcess> {
  await mkdir(options.home, { recursive: true });
  const paths = homePaths({ home: options.home, env: {}, cwd: '/' });
  if (options.config !== undefined) {
    await writeFile(paths.config, JSON.stringify(options.config));
  }
  const listen = options.listen ?? ['ws://127.0.0.1:0', 'unix://'];
  const flags = ['--home', options.home, ...listen.flatMap((address) => ['--listen', address])];
  const whole = limited(options, [process.execPath, ...programOf(options), ...flags]);
  const { leftOpen } = options;
  const opens = leftOpen === undefined ? [] : ['bash', '-c', 'exec 200>"$0" "$@"', leftOpen];
  const [program, ...args] = [...opens, ...whole];
  const child = spawn(program ?? '', args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: options.home, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ready = await eventually('the daemon is ready', () => {
    const line = /^goald ready: (.*)$/m.exec(printed);
    return line ?? child.exitCode ?? child.signalCode;
  });
  if (typeof ready !== 'object') {
    throw new Error(`goald ended before it was ready (${String(ready)}):\n${printed}`);
  }
  return new DaemonProcess(child, paths, (ready[1] ?? '').split(' '), () => printed);
}

/** POSIX counts in blocks of 512 bytes, some shells in those of 1024: asked for is what both take. */
function limited({ fileLimitBytes }: DaemonProcessOptions, command: string[]): string[] {
  if (fileLimitBytes === undefined) return command;
  const blocks = String(Math.ceil(fileLimitBytes / 512));
  return ['/bin/sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', ...command];
}

/** The daemon's own main, or the test entry where time or a failpoint is to do something. */
function programOf(options: DaemonProcessOptions): string[] {
  const { dieAt, throwAt, clockAheadMs, roomOnSignal, heapOnSignal, noPageCache } = options;
  const overrides = [
    ...(clockAheadMs === undefined ? [] : ['--clock-ahead-ms', String(clockAheadMs)]),
    ...(heapOnSignal === true ? ['--heap-on-signal'] : []),
    ...(roomOnSignal === true ? ['--room-on-signal'] : []),
    ...(noPageCache === true ? ['--no-page-cache'] : []),
    ...(dieAt === undefined ? [] : ['--die-at', dieAt]),
    ...(throwAt === undefined ? [] : ['--throw-at', throwAt]),
  ];
  if (overrides.length === 0) return [MAIN];
  const script = process.env['GOALD_TEST_ENTRY'];
  return [...(script === undefined ? ['--import', 'tsx', ENTRY] : [script]), ...overrides];
}
