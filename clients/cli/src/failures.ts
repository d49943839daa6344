import { isGoaldError } from '@goald/client';
import { EXIT, type ExitCode } from './exit-codes.js';

/** Ends a command with a message for the person and an exit code. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line is wrong: the message says what would be right. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/** Whoever read our output has left, as `head` does; that is no failure of ours. */
export class OutputClosed extends CommandError {
  override readonly name = 'OutputClosed';

  constructor() {
    super('The output was closed.', EXIT.complete);
  }
}

const UNREACHABLE: readonly string[] = [
  'unreachable',
  'unauthorized',
  'connection_lost',
  'daemon_failed',
  'client_closed',
];

/** The exit code an error ends the program with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (isGoaldError(error) && UNREACHABLE.includes(error.code)) return EXIT.unreachable;
  return EXIT.failure;
}

/** What a person reads of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
