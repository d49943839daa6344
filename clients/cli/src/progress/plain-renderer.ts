import type { Terminal } from '../terminal/terminal.js';
import { paintLine } from './paint-line.js';
import type { Renderer } from './renderer.js';
import type { TranscriptLine, View } from './view.js';

/** The transcript alone, line by line, without control codes. */
export class PlainRenderer implements Renderer {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async update(_view: View, lines: readonly TranscriptLine[]): Promise<void> {
    if (lines.length === 0) return;
    const { paint } = this.#terminal;
    await this.#terminal.write(lines.map((line) => paintLine(line, paint, Infinity)).join(''));
  }

  hold(): Promise<AsyncDisposable> {
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
