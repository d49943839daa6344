import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { homePaths } from '@goald/protocol';
import { type App, type GlobalFlags } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError } from '../failures.js';
import { type RunCommand } from './shared.js';

export function registerToken(program: Command, app: App, run: RunCommand): void {
  program
    .command('token')
    .summary('print the token that ws:// clients need')
    .description('Prints the token on stdout and, on stderr, where it is kept.')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => token(app, command.optsWithGlobals<GlobalFlags>()));
    });
}

async function token(app: App, flags: GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  const paths = homePaths({ home: flags.home, env: terminal.env, cwd: terminal.cwd });
  const text = await readFile(paths.token, 'utf8').catch(() => null);
  if (text === null) {
    throw new CommandError(
      `There is no token at ${paths.token} yet; the daemon makes it on its first start: goal daemon start`,
    );
  }
  terminal.writeError(`${terminal.paint.dim(`from ${paths.token}`)}\n`);
  await terminal.write(`${text.trim()}\n`);
  return EXIT.complete;
}
