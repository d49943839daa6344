import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TerminalOptions {
  /** Folder for the socket of this tmux server. */
  readonly folder: string;
  readonly cwd: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** A program on a terminal of its own, through a tmux server of its own. Disposing ends both. */
export class Terminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(join(options.folder, `t${String(Terminal.#opened++)}`));
    const env = Object.entries(options.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(options.columns), '-y', String(options.rows)];
    await terminal.#tmux(
      ...['-f', '/dev/null', 'new-session', '-d', ...size, '-c', options.cwd, ...env],
      ...['--', ...options.command],
      // Its last screen stays to be read when the program ends.
      ...[';', 'set-option', '-g', 'remain-on-exit', 'on'],
      ...[';', 'set-option', '-g', 'history-limit', '20000'],
    );
    return terminal;
  }

  static #opened = 0;

  /** Types a text as it stands. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses keys by their tmux names: Enter, Escape, C-c, Up. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#tmux('send-keys', key);
  }

  /** What stands on the screen, and in `withHistory` all that scrolled off it. */
  async screen({ withHistory = false }: { withHistory?: boolean } = {}): Promise<string> {
    const from = withHistory ? ['-S', '-'] : [];
    return this.#tmux('capture-pane', '-p', '-J', ...from);
  }

  async ended(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{pane_dead}')).trim() === '1';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-S', this.#socket, ...args], { maxBuffer: 2 ** 26 });
    return stdout;
  }
}
