import type { Command } from 'commander';
import { lintObjective } from '@goald/client';
import type { App } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { existingFolder } from '../goals/existing-folder.js';
import { suggestChecks } from '../goals/suggest-checks.js';
import { lintText } from '../output/lint-text.js';
import { collect, type RunCommand } from './shared.js';

interface LintFlags {
  readonly verify: readonly string[];
  readonly cwd?: string;
  readonly json?: true;
}

export function registerLint(program: Command, app: App, run: RunCommand): void {
  program
    .command('lint')
    .summary('what makes an objective weak or too large, before a token is spent')
    .description(
      'Reads an objective as the daemon will, and says what would make it fail: no outcome, no check, no end, several goals in one. ' +
        'Looks at the files of the folder for commands that verify it, and runs nothing. Exits with 9 when the objective is weak.',
    )
    .argument('<objective>', 'what shall be true in the end; "$(cat goal.md)" for a file')
    .option('--verify <command>', 'as it will be given to goal run; repeatable', collect, [])
    .option('--cwd <dir>', 'folder of the goal (default: this one)')
    .option('--json', 'print as JSON')
    .action(async (objective: string, _flags: unknown, command: Command) => {
      await run(() => lint(app, command.optsWithGlobals<LintFlags>(), objective));
    });
}

async function lint(app: App, flags: LintFlags, objective: string): Promise<ExitCode> {
  const { terminal } = app;
  const suggested = await suggestChecks(existingFolder(terminal.cwd, flags.cwd ?? '.'));
  const result = lintObjective(objective, { verify: flags.verify, suggested });
  await terminal.write(
    flags.json === true
      ? `${JSON.stringify({ objective, ...result, suggested })}\n`
      : lintText(objective, result, terminal.paint, terminal.columns()),
  );
  return result.verdict === 'weak' ? EXIT.weak : EXIT.complete;
}
