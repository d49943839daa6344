import type { ExitCode } from './exit-codes.js';
import { runCli } from './program.js';
import { ProcessTerminal } from './terminal/process-terminal.js';

/** `goal` with all its commands, in this process's terminal. */
export function runGoal(args: readonly string[]): Promise<ExitCode> {
  return runCli({ terminal: new ProcessTerminal() }, args);
}
