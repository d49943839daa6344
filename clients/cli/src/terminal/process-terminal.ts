import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { OutputClosed } from '../failures.js';
import type { AskOptions, Paint, Terminal } from './terminal.js';

const SHOW_CURSOR = '\u001b[?25h';

// Until the terminal has handed over what is in its buffer.
const TYPED_MS = 30;

/** Reads what was typed so far and throws it away. */
async function dropTyped(): Promise<void> {
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.resume();
  await delay(TYPED_MS);
  stdin.pause();
  stdin.setRawMode(false);
}

/** The terminal of this process. */
export class ProcessTerminal implements Terminal {
  readonly env = process.env;
  readonly cwd: string;
  readonly canAsk = process.stdin.isTTY && process.stderr.isTTY;
  readonly isScreen = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  readonly paint: Paint;
  #broken = false;

  /** `cwd`: folder the person is in, where that is not this process's. */
  constructor(cwd: string = process.cwd()) {
    this.cwd = cwd;
    const wanted = (process.env['NO_COLOR'] ?? '') === '' && process.stdout.isTTY;
    this.paint = pc.createColors(wanted);
    process.stdout.on('error', () => {
      this.#broken = true;
    });
  }

  columns(): number {
    return process.stdout.columns || 80;
  }

  onResize(listener: () => void): Disposable {
    process.stdout.on('resize', listener);
    return { [Symbol.dispose]: () => process.stdout.off('resize', listener) };
  }

  async write(text: string): Promise<void> {
    if (this.#broken) throw new OutputClosed();
    if (process.stdout.write(text)) return;
    await once(process.stdout, 'drain').catch(() => {
      throw new OutputClosed();
    });
  }

  writeError(text: string): void {
    process.stderr.write(text);
  }

  async ask(question: string, { signal, fresh }: AskOptions = {}): Promise<string | null> {
    if (fresh === true) await dropTyped();
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const closed = once(lines, 'close').then(() => null);
    try {
      const answered =
        signal === undefined ? lines.question(question) : lines.question(question, { signal });
      // Some versions of Node reject a question whose input ends.
      return await Promise.race([answered.catch(() => null), closed]);
    } finally {
      lines.close();
    }
  }

  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): Disposable {
    const onSignal = (signal: NodeJS.Signals): void => {
      // With our handlers gone a second signal has its own meaning: the program ends at once.
      restore();
      if (this.isScreen) process.stdout.write(SHOW_CURSOR);
      listener(signal === 'SIGTERM' ? signal : 'SIGINT');
    };
    const restore = (): void => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    return { [Symbol.dispose]: restore };
  }
}
