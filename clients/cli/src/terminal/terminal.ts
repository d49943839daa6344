/** Colours and weights; each function answers its text unchanged where colour is off. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export interface AskOptions {
  /** Takes the question back. */
  readonly signal?: AbortSignal;
  /** What was typed before the question was on the screen is no answer to it. Default false. */
  readonly fresh?: boolean;
}

/** The world as a command sees it: where it runs, what it may write to, who may answer. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder the command was started in. */
  readonly cwd: string;
  /** A person can answer questions. */
  readonly canAsk: boolean;
  /** stdout is a screen: colours, live line. */
  readonly isScreen: boolean;
  readonly paint: Paint;
  /** Width of the screen now. */
  columns(): number;
  onResize(listener: () => void): Disposable;
  /** Writes to stdout; resolves when more may be written. Rejects with OutputClosed when nobody reads it any more. */
  write(text: string): Promise<void>;
  /** Writes to stderr. */
  writeError(text: string): void;
  /** Asks on the screen; null at end of input (Ctrl-C, too), and when `signal` aborts. */
  ask(question: string, options?: AskOptions): Promise<string | null>;
  /** Hears the first SIGINT (Ctrl-C) or SIGTERM; a second one ends the program at once. Disposing gives both back their meaning. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): Disposable;
}
