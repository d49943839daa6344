import { InvalidArgumentError } from 'commander';
import type { ExitCode } from '../exit-codes.js';
import { messageOf } from '../failures.js';

/** Runs a command's work and keeps its exit code. */
export type RunCommand = (work: () => Promise<ExitCode>) => Promise<void>;

/** Lets commander report what a parser of ours throws. */
export function parsed<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

/** Collects an option that can be given several times. */
export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

export const THREAD_HELP =
  'thread or goal id, or the start or end of one (default: the newest goal of this folder)';
