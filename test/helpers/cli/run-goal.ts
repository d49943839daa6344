import { runCli } from '@goald/cli/program.js';
import type { Terminal } from '@goald/cli/terminal/terminal.js';
import { PLAIN } from './plain.js';

/** Answers a question; null ends the input. `signal` aborts when the question is taken back. */
export type Person = (question: string, signal: AbortSignal | undefined) => Promise<string | null>;

export interface GoalRun {
  /** Folder the person is in, absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a person types: one text to every question, or one a question and then the end of input. Left out: nobody can be asked. */
  readonly says?: string | readonly string[] | Person | undefined;
  /** stdout is a screen. Default false. */
  readonly isScreen?: boolean | undefined;
}

export interface GoalRan {
  /** Exit code. */
  readonly code: number;
  /** What it wrote to stdout. */
  readonly out: string;
  /** What it wrote to stderr. */
  readonly err: string;
  /** Every question it asked. */
  readonly asked: readonly string[];
}

/** Runs `goal` with these arguments in this process, on a terminal that keeps what is written to it. */
export async function runGoal(argv: readonly string[], run: GoalRun): Promise<GoalRan> {
  const { says, cwd, env } = run;
  let out = '';
  let err = '';
  const asked: string[] = [];
  const terminal: Terminal = {
    env,
    cwd,
    canAsk: says !== undefined,
    isScreen: run.isScreen ?? false,
    paint: PLAIN,
    columns: () => 80,
    onResize: () => ({ [Symbol.dispose]: () => undefined }),
    write: (text) => {
      out += text;
      return Promise.resolve();
    },
    writeError: (text) => {
      err += text;
    },
    ask: (question, { signal } = {}) => {
      asked.push(question);
      if (typeof says === 'function') return says(question, signal);
      const answer = typeof says === 'string' ? says : says?.[asked.length - 1];
      return Promise.resolve(answer ?? null);
    },
    onInterrupt: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const code = await runCli({ terminal }, argv);
  return { code, out, err, asked };
}
