/** One word of a command. */
export interface ShellWord {
  /** What the shell passes on; null when that is not known before it runs. */
  readonly text: string | null;
  /** Names of files may take its place. */
  readonly isPattern: boolean;
}

/** A program and its arguments, wherever in a script it stands. */
export type ShellCommand = readonly ShellWord[];

/** What a shell would do with a text, as far as that can be told without running it. */
export interface ShellScript {
  /** Every command in it, those in substitutions, loops and functions among them. */
  readonly commands: readonly ShellCommand[];
  /**
   * It is nothing but these commands one after the other, with pipes and conditions between them, each word as it stands, and it writes no
   * file by itself. False for anything else, and for what is not understood.
   */
  readonly isPlain: boolean;
}

/** Reads commands of a shell without running them. */
export interface ShellSyntax {
  /** Never rejects for what `text` holds. */
  read(text: string): Promise<ShellScript>;
}
