import { type Command } from 'commander';
import { daemonAnswers } from '@goald/client';
import { type App, type GlobalFlags, homeOf, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import { readOverview } from '../goals/overview.js';
import { overviewText, TRY } from '../output/overview-text.js';
import { oneLine } from '../output/text.js';
import { type RunCommand } from './shared.js';

interface StatusFlags {
  readonly json?: true;
}

export function registerStatus(program: Command, app: App, run: RunCommand): void {
  program
    .command('status', { isDefault: true })
    .summary('what is active now, this folder’s goals first')
    .allowExcessArguments(true)
    .option('--json', 'print as JSON')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => {
        refuseUnknown(program, command.args);
        return status(app, command.optsWithGlobals<StatusFlags & GlobalFlags>());
      });
    });
}

// status is what runs when no command is named, so a mistyped command arrives here as its argument.
function refuseUnknown(program: Command, unknown: readonly string[]): void {
  const [word] = unknown;
  if (word === undefined) return;
  const names = program.commands.map((command) => command.name()).join(', ');
  throw new UsageError(
    `There is no command "${word}". Commands: ${names}. To set a goal: goal run "<objective>"`,
  );
}

async function status(app: App, flags: StatusFlags & GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  if (flags.endpoint === undefined && !(await daemonAnswers(homeOf(app, flags)))) {
    if (flags.json === true)
      await terminal.write('{"daemon":"stopped","here":[],"elsewhere":[]}\n');
    terminal.writeError(
      `No goald daemon runs, so no goal is at work. Start it with \`goal daemon start\`, or set a goal:\n${TRY}`,
    );
    return EXIT.unreachable;
  }
  await using client = await openClient(app, flags, { start: false });
  const overview = await readOverview(client, terminal.cwd);
  await terminal.write(overviewText(overview, terminal.paint, flags.json === true));
  const notice = client.server.storeNotice;
  if (notice != null) terminal.writeError(`${oneLine(notice)}\n`);
  return EXIT.complete;
}
