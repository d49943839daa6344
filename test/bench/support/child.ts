import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const TAIL_CHARACTERS = 4000;

/** A process of the benchmark. Disposing ends it with SIGKILL and waits for its end. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  #printed = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#process = spawn(command, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(-TAIL_CHARACTERS);
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('The process could not be started.');
    return this.#process.pid;
  }

  /** Throws, with what it printed, when the process has ended. */
  assertRunning(): void {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`It ended (${String(exitCode ?? signalCode)}):\n${this.#printed}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** Milliseconds from the start of a program to its end. Throws when it fails. */
export async function wallTime(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: 'ignore',
    cwd: options.cwd,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}.`);
  return performance.now() - start;
}
