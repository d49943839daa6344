import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import type { CommandOutput } from './command-output.js';
import { ownPath } from './own-path.js';
import { PLAIN_SHELL, STATUS_FD, type Launch } from './sandbox/launch.js';

const QUIET_TICK_MS = 25;
/** Ticks without output after which a pipe that outlives the shell is let go. */
const QUIET_TICKS = 4;
const MAX_TICKS = 80;
const STATUS_CHARS = 4096;

export interface ShellExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where the kernel counts for a sandbox alone, it is told in there; shells differ in the letter. A lower limit of the user's stays. */
function limitOf(maxTasks: number | null): string {
  if (maxTasks === null) return '';
  const most = String(maxTasks);
  return `{ ulimit -u ${most} || ulimit -p ${most}; } 2>/dev/null; `;
}

/** What a pipe carries until it is closed, its first 4 KiB. */
async function textOf(pipe: Readable | null): Promise<string> {
  let text = '';
  try {
    for await (const chunk of pipe ?? []) {
      if (text.length < STATUS_CHARS) text += String(chunk);
    }
  } catch {
    // Closed from this side, when its processes were ended.
  }
  return text;
}

/** bash where there is one, else sh. */
export function findShell(env: NodeJS.ProcessEnv): string {
  for (const folder of ownPath(env['PATH']).split(delimiter)) {
    try {
      accessSync(join(folder, 'bash'), constants.X_OK);
      return join(folder, 'bash');
    } catch {
      continue;
    }
  }
  return 'sh';
}

/** One shell with its command, leader of a process group and session of its own. */
export class ShellProcess {
  readonly #child: ChildProcess;
  readonly #output: CommandOutput;
  /** Resolves when the shell ended; rejects when it could not be started. */
  readonly exited: Promise<ShellExit>;
  #isPaused = false;
  #ticksQuiet = 0;

  private constructor(child: ChildProcess, output: CommandOutput) {
    this.#child = child;
    this.#output = output;
    const exited = new Promise<ShellExit>((fulfil, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        fulfil({ code, signal });
      });
    });
    const status = child.stdio[STATUS_FD];
    this.exited = status instanceof Readable ? this.#confined(exited, status) : exited;
    child.stdout?.on('data', this.#onData);
    child.stdout?.on('error', () => undefined);
  }

  /** Throws what spawn throws for arguments that cannot be; else a failure shows in `exited`. */
  static start(options: {
    shell: string;
    command: string;
    launch: Launch;
    output: CommandOutput;
  }): ShellProcess {
    const { shell, command, launch, output } = options;
    const { file, args, env, cwd, isSandbox, files, maxTasks } = launch;
    // One pipe for stdout and stderr keeps their order; exec keeps the process id.
    const inner = ['-c', `${limitOf(maxTasks)}exec "$0" -c "$1" 2>&1`, shell, command];
    const child = spawn(file, isSandbox ? [...args, PLAIN_SHELL, ...inner] : inner, {
      cwd,
      env,
      detached: true,
      stdio: [
        'ignore',
        'pipe',
        ...(isSandbox ? (['pipe', 'pipe', ...files] as const) : ['ignore' as const]),
      ],
    });
    return new ShellProcess(child, output);
  }

  /** A sandbox that could not be set up ends like a command that failed: what it says of itself tells them apart. */
  async #confined(exited: Promise<ShellExit>, status: Readable): Promise<ShellExit> {
    const words = Promise.all([textOf(status), textOf(this.#child.stderr)]);
    const exit = await exited;
    if (exit.signal !== null) return exit;
    const [said, errors] = await words;
    if (said.includes('"exit-code"')) return exit;
    throw new Error(`the sandbox could not be set up: ${errors.trim() || 'it gave no reason'}`);
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /**
   * Takes the output that is still on its way after the shell's end. A background process that keeps the pipe open is
   * let go after a short silence: what it writes later is dropped, but it can go on writing.
   */
  async drain(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null || stdout.closed) return;
    await new Promise<void>((fulfil) => {
      let ticks = 0;
      const timer = setInterval(() => {
        ticks += 1;
        this.#ticksQuiet = this.#isPaused ? 0 : this.#ticksQuiet + 1;
        if (this.#ticksQuiet > QUIET_TICKS || (ticks > MAX_TICKS && !this.#isPaused)) finish();
      }, QUIET_TICK_MS);
      const finish = (): void => {
        clearInterval(timer);
        stdout.off('close', finish);
        fulfil();
      };
      this.#ticksQuiet = 0;
      stdout.on('close', finish);
    });
    stdout.off('data', this.#onData);
    stdout.resume();
    if (stdout instanceof Socket) stdout.unref();
  }

  /** Closes the pipe. */
  release(): void {
    this.#child.stdout?.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#ticksQuiet = 0;
    if (this.#output.add(chunk)) return;
    this.#isPaused = true;
    this.#child.stdout?.pause();
    this.#output.writable(() => {
      this.#isPaused = false;
      this.#child.stdout?.resume();
    });
  };
}
