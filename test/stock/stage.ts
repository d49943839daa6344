import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { StockModel } from './scripted-model.js';
import { homeOf, type Server } from './servers.js';
import { eventually } from '../helpers/eventually.js';
import { Terminal } from './tmux.js';
import type { WireTap } from './wire-tap.js';

export interface Shot {
  /** null: only passed. */
  readonly step: string | null;
  readonly screen: string;
  /** Which of the terminals. */
  readonly terminal: number;
}

const COLUMNS = 110;
const ROWS = 45;
const WITHIN_MS = 20_000;
const LOOK_MS = 150;
const RESTLESS_MS = 1000;
const READ_MS = 900;

/** What a step waited for did not come; the message has the screen. */
class NotShown extends Error {
  override readonly name = 'NotShown';
}

/** The stock client on terminals of its own, attached to a server through a tap; what its screens show is kept step by step. */
export class Stage implements AsyncDisposable {
  readonly shots: Shot[] = [];
  readonly repository: string;
  readonly #folder: string;
  readonly #program: string;
  readonly #terminals: Terminal[] = [];
  #homes = 0;

  constructor(
    readonly server: Server,
    readonly tap: WireTap,
    readonly model: StockModel,
    options: { readonly folder: string; readonly repository: string; readonly program: string },
  ) {
    this.#folder = options.folder;
    this.#program = options.program;
    this.repository = options.repository;
  }

  /** Another stock client, with a home of its own. `at`: another address than the tap's. */
  async client(
    args: readonly string[] = [],
    { at }: { readonly at?: string } = {},
  ): Promise<Terminal> {
    this.#homes += 1;
    const home = join(this.#folder, `c${String(this.#homes)}`);
    await mkdir(home, { recursive: true });
    const { token } = this.server;
    const auth = token === null || at !== undefined ? [] : ['--remote-auth-token-env', 'TOKEN'];
    const [first = '', ...more] = args;
    const sub = first.startsWith('-') || first === '' ? [] : [first];
    const flags = sub.length === 0 ? args : more;
    const remote = ['--remote', at ?? this.tap.url, ...auth, '-C', this.repository];
    const terminal = await Terminal.open({
      folder: this.#folder,
      cwd: this.repository,
      command: [this.#program, ...sub, ...remote, ...flags],
      env: {
        HOME: homeOf(this.#folder),
        CODEX_HOME: home,
        TOKEN: token ?? '',
        TERM: 'xterm-256color',
        PATH: process.env['PATH'] ?? '',
      },
      columns: COLUMNS,
      rows: ROWS,
    });
    this.#terminals.push(terminal);
    return terminal;
  }

  /** Waits until a screen shows `expected` and stands still, and keeps it under the step's name. */
  async shot(step: string, terminal: Terminal, expected: RegExp): Promise<void> {
    const screen = await this.#wait(step, terminal, expected);
    this.shots.push({ step, screen, terminal: this.#terminals.indexOf(terminal) });
  }

  /** The same for a screen that is only passed: it is compared with nothing, but what it shows is not new later. */
  async pass(step: string, terminal: Terminal, expected: RegExp): Promise<void> {
    const screen = await this.#wait(step, terminal, expected);
    this.shots.push({ step: null, screen, terminal: this.#terminals.indexOf(terminal) });
  }

  async #wait(step: string, terminal: Terminal, expected: RegExp): Promise<string> {
    const deadline = Date.now() + WITHIN_MS;
    let before = '';
    let seenAtMs = 0;
    for (;;) {
      // What a client says last is above what it leaves.
      const screen = await terminal.screen({ withHistory: await terminal.ended() });
      if (expected.test(screen)) {
        seenAtMs ||= Date.now();
        // What goes on changing is taken as it is.
        if (still(screen) === before || Date.now() - seenAtMs > RESTLESS_MS) return screen;
      }
      before = still(screen);
      if (Date.now() > deadline) {
        throw new NotShown(
          `${step}: ${String(expected)} was not shown:\n${(await terminal.screen({ withHistory: true })).trimEnd()}`,
        );
      }
      await pause(LOOK_MS);
    }
  }

  /** The thread that a connection of the tap started or resumed first. */
  threadOf(connection: number): string {
    for (const frame of this.tap.frames) {
      if (frame.connection !== connection) continue;
      const result = frame.message['result'] as { thread?: { id?: string } } | undefined;
      if (typeof result?.thread?.id === 'string') return result.thread.id;
    }
    throw new Error('That client has no thread.');
  }

  /** A client is ready to look at before it is ready to be told something. */
  async hasThread(connection: number): Promise<void> {
    await eventually('the client has a thread', () => {
      try {
        return this.threadOf(connection);
      } catch {
        return null;
      }
    });
  }

  /** The repository as it was before the model changed it. */
  async undo(): Promise<void> {
    await writeFile(join(this.repository, 'a.txt'), 'one\n');
    await rm(join(this.repository, 'b.txt'), { force: true });
  }

  /** A line typed and sent. */
  async say(terminal: Terminal, text: string): Promise<void> {
    await terminal.type(text);
    // The client takes a quick Enter after text for a part of a paste.
    await pause(350);
    await terminal.press('Enter');
  }

  /** A key that a person presses once they have read the screen. */
  async press(terminal: Terminal, key: string): Promise<void> {
    await pause(READ_MS);
    await terminal.press(key);
    // What follows Escape at once counts as one key with it.
    await pause(READ_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal[Symbol.asyncDispose]()));
  }
}

/** A screen without what moves while nothing happens. */
function still(screen: string): string {
  return screen.replace(/[⠀-⣿◦•]/gu, '').replace(/\d+m? ?\d*s\b/gu, '');
}
