import { displayWidth } from '../output/text.js';
import type { Terminal } from '../terminal/terminal.js';
import { liveLine } from './live-line.js';
import { paintLine } from './paint-line.js';
import type { Renderer } from './renderer.js';
import type { TranscriptLine, View } from './view.js';

const REDRAW_MS = 120;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[0J';

/** The transcript scrolls; below it one live line is redrawn in place. Each change is one write, so nothing flickers. */
export class ScreenRenderer implements Renderer {
  readonly #terminal: Terminal;
  readonly #timer: NodeJS.Timeout;
  readonly #resize: Disposable;
  #view: View | null = null;
  #shown = '';
  #held = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#timer = setInterval(() => {
      this.#redraw();
    }, REDRAW_MS);
    this.#resize = terminal.onResize(() => {
      this.#redraw(true);
    });
  }

  async update(view: View, lines: readonly TranscriptLine[]): Promise<void> {
    const first = this.#view === null;
    this.#view = view;
    if (lines.length === 0 && !first) return;
    const { paint } = this.#terminal;
    const columns = this.#terminal.columns();
    const transcript = lines.map((line) => paintLine(line, paint, columns)).join('');
    const erase = this.#erase();
    await this.#terminal.write(
      `${first ? HIDE_CURSOR : ''}${erase}${transcript}${this.#draw(view)}`,
    );
  }

  async hold(): Promise<AsyncDisposable> {
    const erase = this.#erase();
    this.#shown = '';
    this.#held = true;
    await this.#terminal.write(`${erase}${SHOW_CURSOR}`);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#held = false;
        if (this.#view !== null) await this.#terminal.write(HIDE_CURSOR + this.#draw(this.#view));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#resize[Symbol.dispose]();
    const erase = this.#erase();
    this.#shown = '';
    if (this.#view !== null) await this.#terminal.write(`${erase}${SHOW_CURSOR}`);
    this.#view = null;
  }

  #redraw(force = false): void {
    const view = this.#view;
    if (view === null || this.#held) return;
    const before = this.#shown;
    const erase = this.#erase();
    const text = this.#draw(view);
    if (!force && this.#shown === before) return;
    // A screen that cannot take more now gets the next line in a moment.
    void this.#terminal.write(`${erase}${text}`);
  }

  #draw(view: View): string {
    // One column stays free: a full line makes some terminals wrap.
    this.#shown = liveLine(view, Date.now(), this.#terminal.columns() - 1);
    return this.#terminal.paint.dim(this.#shown);
  }

  /** Goes to where the live line begins, also when the screen became narrower and broke it, and clears from there. */
  #erase(): string {
    const columns = Math.max(1, this.#terminal.columns());
    const rows = Math.max(1, Math.ceil(displayWidth(this.#shown) / columns));
    const up = rows > 1 ? `\u001b[${String(rows - 1)}A` : '';
    return `\r${up}${CLEAR_BELOW}`;
  }
}
